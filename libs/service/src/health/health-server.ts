import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthHandler } from './health-handler.ts';

/** A small HTTP server for probes and scrapes alone. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens for probes.
 *
 * @throws Error of `listen`, e.g. EADDRINUSE
 */
export async function startHealthServer(host: string, port: number, handler: HealthHandler): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (!handler(request, response)) response.writeHead(404).end();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has one
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
