import { connectBus } from '@parley/bus';
import { runService } from '@parley/service';
import { edgeLoggers } from './logger.ts';
import { startEdge } from './service.ts';

await runService({
  name: 'edge',
  async start(context) {
    const { settings, instance, clock, logger } = context;
    const url = settings.natsUrls.join(',') || `nats://127.0.0.1:${settings.natsPort}`;
    const bus = await connectBus({ url, name: `edge.${instance}`, clock, logger: edgeLoggers(logger).bus });
    if (!bus.ok) throw new Error('no NATS', { cause: bus.error });
    const edge = await startEdge(context, bus.value);
    return {
      ports: edge.ports ?? {},
      drain: async () => {
        await edge.drain?.();
      },
      async [Symbol.asyncDispose]() {
        await edge[Symbol.asyncDispose]();
        await bus.value.drain();
      },
    };
  },
});
