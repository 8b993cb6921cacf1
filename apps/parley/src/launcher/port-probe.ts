import { createSocket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import { LaunchError } from './launch-error.ts';
import { portNames, portVariables } from './ports.ts';
import type { KnownPorts, PortName } from './ports.ts';

/** A port that a service is about to take. */
interface Wish {
  readonly name: PortName;
  readonly host: string;
  readonly port: number;
}

/**
 * Checks that the ports chosen by settings are free, before anything is started: the service that finds one taken
 * can only fail, and whoever reads its log must then guess the setting.
 *
 * @throws LaunchError that names the setting, the port and the way out
 */
export async function probePorts(host: string, ports: KnownPorts): Promise<void> {
  const wishes = portNames.flatMap((name) => {
    const port = ports[name] ?? 0;
    return port === 0 ? [] : [{ name, port, host: name === 'nats' ? '127.0.0.1' : host }];
  });
  refuseTwins(wishes);
  await Promise.all(wishes.map(probe));
}

function refuseTwins(wishes: readonly Wish[]): void {
  for (const [index, wish] of wishes.entries()) {
    const twin = wishes.slice(0, index).find(({ port }) => port === wish.port);
    if (twin === undefined) continue;
    throw new LaunchError(
      `${portVariables[twin.name]} and ${portVariables[wish.name]} are both ${wish.port}; give each its own port`,
    );
  }
}

async function probe(wish: Wish): Promise<void> {
  await bound(wish, (listening) => {
    const server = createServer();
    server.once('listening', listening).listen({ host: wish.host, port: wish.port, exclusive: true });
    return server;
  });
  if (wish.name !== 'sip') return;
  await bound(wish, (listening) => {
    const socket = createSocket(wish.host.includes(':') ? 'udp6' : 'udp4');
    socket.once('listening', listening).bind({ address: wish.host, port: wish.port, exclusive: true });
    return socket;
  });
}

type Closable = EventEmitter & { close(done: () => void): unknown };

function bound(wish: Wish, open: (listening: () => void) => Closable): Promise<void> {
  return new Promise((resolve, reject) => {
    const handle = open(() =>
      handle.close(() => {
        resolve();
      }),
    );
    handle.once('error', (error: NodeJS.ErrnoException) => {
      reject(explained(wish, error));
    });
  });
}

function explained({ name, host, port }: Wish, error: NodeJS.ErrnoException): LaunchError {
  const variable = portVariables[name];
  switch (error.code) {
    case 'EADDRINUSE':
      return new LaunchError(
        `port ${port} (${variable}) is in use on ${host}; stop what listens there, or set ${variable} to another port or to 0 for a free one`,
      );
    case 'EACCES':
      return new LaunchError(
        `port ${port} (${variable}) needs more rights than this user has; set ${variable} to a port above 1023`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new LaunchError(`PARLEY_HOST is ${host}, which is not an address of this machine`);
    default:
      return new LaunchError(`port ${port} (${variable}) cannot be opened on ${host}: ${error.message}`);
  }
}
