import { joinBus } from '@parley/bus';
import { runService } from '@parley/service';
import { startEdge } from './service.ts';

await runService({
  name: 'edge',
  async start(context) {
    const joined = await joinBus(context, 'edge');
    await using stack = new AsyncDisposableStack();
    const bus = stack.use(joined);
    const edge = stack.use(await startEdge(context, bus));
    const running = stack.move();
    return {
      ports: edge.ports,
      drain: () => edge.drain(),
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  },
});
