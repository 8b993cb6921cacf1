import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Child } from './child.ts';
import { startChild } from './child.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

/** A NATS server with JetStream that belongs to one test suite. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it in order and keeps its files. */
  stop(): Promise<void>;
  /** Ends it without a word, as a crash does. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and files, or none where they are to be lost; stops it first where it runs. */
  restart(options?: { readonly losingFiles?: boolean }): Promise<void>;
}

/** Starts a private NATS server on a free port of 127.0.0.1, its files in a new temporary folder. */
export async function startNats(): Promise<NatsServer> {
  const store = await mkdtemp(join(tmpdir(), 'parley-nats-'));
  const port = await freePort();
  let child = await launch(port, store);
  const stop = async (): Promise<void> => {
    await child.stop();
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    stop,
    kill9: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
    restart: async ({ losingFiles = false } = {}) => {
      await stop();
      if (losingFiles) await rm(store, { recursive: true, force: true });
      child = await launch(port, store);
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(store, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, store: string): Promise<Child> {
  const child = startChild(findNatsServer(), ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store]);
  try {
    await eventually(() => isReady(child, port));
  } catch (cause) {
    await child.stop();
    throw new Error(`nats-server did not start: ${child.stderr}`, { cause });
  }
  return child;
}

/** Accepting connections is not enough: JetStream must have recovered its streams. */
async function isReady(child: Child, port: number): Promise<void> {
  if (!child.stderr.includes('Server is ready')) throw new Error('the server is not ready');
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** Path of the server program. @throws Error when it is not installed */
export function findNatsServer(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/bin'];
  const found = folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
  if (found === undefined) throw new Error('nats-server is not installed: not on PATH, nor in /usr/sbin');
  return found;
}
