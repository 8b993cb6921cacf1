import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from './child.ts';
import { startChild } from './child.ts';
import { eventually } from './eventually.ts';
import { freePorts } from './free-port.ts';
import { findNatsServer } from './nats-server.ts';

/** Three NATS servers with JetStream that are one cluster, and belong to one test suite. */
export interface NatsCluster extends AsyncDisposable {
  /** Addresses of all, separated by commas, as `PARLEY_NATS_URL` takes them. */
  readonly url: string;
}

const size = 3;

/** Starts a private cluster on free ports of 127.0.0.1, its files in a new temporary folder. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const store = await mkdtemp(join(tmpdir(), 'parley-nats-cluster-'));
  const ports = await freePorts(2 * size);
  const [clients, routes] = [ports.slice(0, size), ports.slice(size)];
  const peers = routes.map((port) => `nats://127.0.0.1:${port}`);
  const servers = clients.map((port, i) => launch(port, peers[i] ?? '', peers, join(store, String(i))));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(store, { recursive: true, force: true });
  };
  try {
    await eventually(
      () => {
        if (!isReady(servers)) throw new Error('the cluster is not ready');
      },
      { within: 60_000, every: 100 },
    );
  } catch (cause) {
    await stop();
    throw new Error(`no NATS cluster: ${servers.map(({ stderr }) => stderr.slice(-1000)).join('\n')}`, { cause });
  }
  return { url: clients.map((port) => `nats://127.0.0.1:${port}`).join(','), [Symbol.asyncDispose]: stop };
}

function launch(port: number, route: string, peers: readonly string[], store: string): Child {
  const address = ['-a', '127.0.0.1', '-p', String(port), '-n', `n${port}`];
  const cluster = ['--cluster_name', 'parley', '--cluster', route, '--routes', peers.join(',')];
  return startChild(findNatsServer(), [...address, ...cluster, '-js', '-sd', store]);
}

/** All accept connections, and have agreed on who leads JetStream. */
function isReady(servers: readonly Child[]): boolean {
  const all = servers.every(({ stderr }) => stderr.includes('Server is ready'));
  return all && servers.some(({ stderr }) => stderr.includes('Self is new JetStream cluster metadata leader'));
}
