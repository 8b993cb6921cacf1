import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that listens. Disposing it waits for nothing. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  /** Accepts nothing new; resolves when what was accepted has been answered, or has taken too long. */
  drain(): Promise<void>;
}

/** Takes a request; answers it now or later. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Milliseconds for a whole request, for its header, and between two of one connection; connections in all. */
const limits = { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 5_000, maxConnections: 1_000 };

/** Milliseconds that requests under way may still take when the server drains. */
const drainPatience = 3_000;

/** Listens. @throws Error of `listen`, e.g. EADDRINUSE */
export async function startHttpServer(host: string, port: number, handler: HttpHandler): Promise<HttpServer> {
  const server = createServer({ ...limits, connectionsCheckingInterval: 5_000 }, handler);
  server.maxConnections = limits.maxConnections;
  server.listen(port, host);
  await once(server, 'listening');
  let closed: Promise<unknown> | undefined;
  server.on('request', (_request, response) => {
    // What is idle after an answer during the drain would stay for the whole time of keep-alive.
    response.once('close', () => {
      if (closed !== undefined)
        setImmediate(() => {
          server.closeIdleConnections();
        });
    });
  });
  const drain = async (): Promise<void> => {
    closed ??= once(server.close(), 'close');
    const impatience = setTimeout(() => {
      server.closeAllConnections();
    }, drainPatience);
    await closed;
    clearTimeout(impatience);
  };
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has one
    drain,
    async [Symbol.asyncDispose]() {
      const ended = drain();
      server.closeAllConnections();
      await ended;
    },
  };
}
