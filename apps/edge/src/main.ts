import { connectBus } from '@parley/bus';
import { runService } from '@parley/service';
import { edgeLoggers } from './logger.ts';
import { startEdge } from './service.ts';

await runService({
  name: 'edge',
  async start(context) {
    const { settings, instance, clock, logger } = context;
    const replicas = settings.natsReplicas;
    const url = settings.natsUrls.join(',') || `nats://127.0.0.1:${settings.natsPort}`;
    const connected = await connectBus({
      url,
      name: `edge.${instance}`,
      clock,
      logger: edgeLoggers(logger).bus,
      replicas,
    });
    if (!connected.ok) throw new Error('no NATS', { cause: connected.error });
    await using stack = new AsyncDisposableStack();
    const bus = stack.use(connected.value);
    const edge = stack.use(await startEdge(context, bus));
    const running = stack.move();
    return {
      ports: edge.ports ?? {},
      drain: async () => {
        await edge.drain?.();
      },
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
});
