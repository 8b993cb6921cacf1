import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startChild, startNats } from '@parley/testing';
import { servicePlans } from '../../../apps/parley/src/launcher/service-plan.ts';
import { root, withoutSettings } from '../../scenarios/support/installation.ts';

/** An edge with a NATS of its own. */
export interface EdgeServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly natsUrl: string;
  /** What it said so far. */
  log(): string;
}

/** Starts an edge that believes From, with its NATS on the given cores; undefined, on any. */
export async function startEdge(
  environment: Readonly<Record<string, string>>,
  cores: string | undefined,
): Promise<EdgeServer> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'parley-overload-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const nats = stack.use(await startNats());
  const port = await freePort();
  const { script = '', runtime = [] } = servicePlans.find(({ name }) => name === 'edge') ?? {};
  const edge = startChild(process.execPath, [...runtime, script], {
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
  const ended = edge.exited.then(() => {
    throw new Error(`the edge did not start: ${edge.stdout.slice(-1000)}${edge.stderr.slice(-1000)}`);
  });
  await Promise.race([eventually(() => isListening(port), { within: 120_000, every: 100 }), ended]);
  if (cores !== undefined) spawnSync('taskset', ['-a', '-p', '-c', cores, String(edge.pid)]);
  const all = stack.move();
  const log = () => edge.stdout + edge.stderr;
  return { port, pid: edge.pid, natsUrl: nats.url, log, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function isListening(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
