import { join } from 'node:path';
import type { Child } from '@parley/testing';
import { eventually, startChild, startNats, startNatsCluster } from '@parley/testing';

const root = join(import.meta.dirname, '../../..');

/** A NATS of a test, and how many copies it can keep. */
export interface NatsPlace extends AsyncDisposable {
  readonly url: string;
  readonly replicas: number;
}

/** One server, and a cluster of three. */
export const natsPlaces: readonly (readonly [name: string, start: () => Promise<NatsPlace>])[] = [
  ['one NATS', async (): Promise<NatsPlace> => placeOf(await startNats(), 1)],
  ['a cluster of three NATS', async (): Promise<NatsPlace> => placeOf(await startNatsCluster(), 3)],
];

function placeOf(nats: AsyncDisposable & { readonly url: string }, replicas: number): NatsPlace {
  return { url: nats.url, replicas, [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose]() };
}

/** Processes of one service, each of which can be killed and started again. */
export class ServiceProcesses implements AsyncDisposable {
  private readonly app: string;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly running = new Map<string, Child>();
  private starts = 0;

  /** @param app - folder under `apps` */
  constructor(app: string, nats: NatsPlace, settings: Readonly<Record<string, string>> = {}) {
    this.app = app;
    this.environment = {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      PARLEY_NATS_URL: nats.url,
      PARLEY_NATS_REPLICAS: String(nats.replicas),
      PARLEY_LEASE_MS: '3000',
      PARLEY_LOG: 'info',
      ...settings,
    };
  }

  /** Starts one; resolves when it says that it is ready. */
  async start(name: string): Promise<void> {
    const environment = { ...this.environment, PARLEY_INSTANCE: `${name}-${String(++this.starts)}` };
    const child = startChild('node', [join(root, `apps/${this.app}/src/main.ts`)], { cwd: root, env: environment });
    this.running.set(name, child);
    await eventually(
      () => {
        if (!child.stderr.includes('"ready"')) throw new Error(`${name} is not ready: ${child.stderr.slice(-1000)}`);
      },
      { within: 60_000 },
    );
  }

  /** Ends one without a word. */
  async kill9(name: string): Promise<void> {
    const child = this.running.get(name);
    child?.kill('SIGKILL');
    await child?.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running.values()].map((child) => child.stop(20_000)));
  }
}
