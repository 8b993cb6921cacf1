import { joinBus } from '@parley/bus';
import { runService } from '@parley/service';
import { serviceName, startMsrpSwitch } from './service.ts';

await runService({
  name: serviceName,
  start: async (context) => startMsrpSwitch(context, await joinBus(context, serviceName)),
});
