import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpServer } from '../../src/http/server.ts';
import { startHttpServer } from '../../src/http/server.ts';

const running: HttpServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server[Symbol.asyncDispose]();
});

/** A server whose answer to each request is in the hand of the test. */
async function started() {
  const asked = Promise.withResolvers<() => void>();
  const server = await startHttpServer('127.0.0.1', 0, (_request, response) => {
    asked.resolve(() => response.end('done'));
  });
  running.push(server);
  return { server, asked: asked.promise, url: `http://127.0.0.1:${server.port}/` };
}

describe('a server that drains', () => {
  it('answers what it has accepted, and then is gone although connections are kept alive', async () => {
    const { server, asked, url } = await started();
    const response = fetch(url);
    const answer = await asked;
    const drained = server.drain();
    answer();
    expect(await (await response).text()).toBe('done');
    await drained;
    await expect(fetch(url)).rejects.toThrow();
  });

  it('waits for no client that has sent half a request', async () => {
    const { server } = await started();
    const socket = createConnection(server.port, '127.0.0.1');
    socket.on('error', () => {}); // how it ends is the matter of 'close'
    const accepted = new Promise((resolve) => socket.once('connect', resolve));
    await accepted;
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await server[Symbol.asyncDispose]();
    await ended;
    expect(socket.destroyed).toBe(true);
  });
});
