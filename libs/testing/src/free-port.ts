import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports below those that a system gives to whoever binds port 0 or connects (32768 and up on Linux, 49152 elsewhere): what
 * other tests do meanwhile never takes one.
 */
const first = 20_000;
const count = 12_000;

/** Each process begins somewhere else, so that processes beside each other seldom try the same. */
let next = Math.floor(Math.random() * count);

/** Ports of 127.0.0.1 that nobody listens on now, neither over TCP nor over UDP, and that nobody gets by asking for any. */
export async function freePorts(wanted: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < wanted && tries < count; tries++) {
    const port = first + (next++ % count);
    if (await isFree(port)) ports.push(port);
  }
  if (ports.length < wanted) throw new Error(`expected ${wanted} free ports from ${first} on`);
  return ports;
}

/** One of {@link freePorts}. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('expected a port');
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const socket = createSocket('udp4');
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    await once(socket.bind(port, '127.0.0.1'), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all([server, socket].map((each) => new Promise<unknown>((resolve) => each.close(resolve))));
  }
}
