// A service that listens at PARLEY_SIP_PORT and behaves as its argument says.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { runService } from '../../../src/index.ts';

const [behaviour] = process.argv.slice(2);

await runService({
  name: 'edge',
  async start(context) {
    const { settings } = context;
    if (behaviour === 'refuse') throw new Error('no store');
    const server = createServer();
    server.listen(settings.sipPort, settings.host);
    await once(server, 'listening');
    if (behaviour === 'reject') setImmediate(() => void Promise.reject(new Error('nobody handles this')));
    if (behaviour === 'stop')
      setImmediate(() => {
        context.stop('lost the store', 3);
      });
    return {
      ports: { sip: (server.address() as AddressInfo).port },
      drain: async () => {
        process.stdout.write('drained\n');
        await (behaviour === 'hang' ? new Promise(() => {}) : undefined);
      },
      [Symbol.asyncDispose]: () => {
        process.stdout.write('disposed\n');
        server.close();
        return Promise.resolve();
      },
    };
  },
});
