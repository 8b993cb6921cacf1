import { joinBus } from '@parley/bus';
import { runService } from '@parley/service';
import { serviceName, startNotification } from './service.ts';

await runService({
  name: serviceName,
  start: async (context) => startNotification(context, await joinBus(context, serviceName)),
});
