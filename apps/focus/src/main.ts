import { joinBus } from '@parley/bus';
import { runService } from '@parley/service';
import { serviceName, startFocus } from './service.ts';

await runService({
  name: serviceName,
  start: async (context) => startFocus(context, await joinBus(context, serviceName)),
});
