import { joinBus } from '@parley/bus';
import { runService } from '@parley/service';
import { serviceName, startConsole } from './service.ts';

await runService({
  name: serviceName,
  start: async (context) => startConsole(context, await joinBus(context, serviceName)),
});
