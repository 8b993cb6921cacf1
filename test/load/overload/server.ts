import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startChild, startNats } from '@parley/testing';
import { root, withoutSettings } from '../../scenarios/support/installation.ts';
import { tree } from '../sip/processes.ts';

/** An edge with a NATS of its own. */
export interface EdgeServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts an edge that believes From, on one core together with its NATS. */
export async function startEdge(environment: Readonly<Record<string, string>>, core: string): Promise<EdgeServer> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'parley-overload-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const nats = stack.use(await startNats());
  const port = await freePort();
  const edge = startChild(process.execPath, ['apps/edge/src/main.ts'], {
    cwd: root,
    env: {
      ...withoutSettings(),
      PARLEY_NATS_URL: nats.url,
      PARLEY_SIP_PORT: String(port),
      PARLEY_SIPS_PORT: '0',
      PARLEY_SIP_WS_PORT: '0',
      PARLEY_AUTH: 'none',
      PARLEY_DATA_DIR: directory,
      PARLEY_LOG: 'warn',
      ...environment,
    },
  });
  stack.defer(async () => {
    await edge.stop(30_000);
  });
  await eventually(() => isListening(port), { within: 60_000, every: 100 });
  for (const pid of tree(edge.pid)) spawnSync('taskset', ['-a', '-p', '-c', core, String(pid)]);
  const all = stack.move();
  return { port, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function isListening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
