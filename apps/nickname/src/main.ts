import { joinBus } from '@parley/bus';
import { runService } from '@parley/service';
import { serviceName, startNickname } from './service.ts';

await runService({
  name: serviceName,
  start: async (context) => startNickname(context, await joinBus(context, serviceName)),
});
