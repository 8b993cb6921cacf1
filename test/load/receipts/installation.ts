import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child, NatsServer } from '@parley/testing';
import { eventually, freePorts, startChild, startNats } from '@parley/testing';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What can be killed. */
export type Victim = 'first' | 'second' | 'notification' | 'nats';

/** Two edges and the notification service on one NATS, each of which can be killed and comes back as it was. */
export class Installation implements AsyncDisposable {
  readonly ports: readonly number[];
  private readonly nats: NatsServer;
  private readonly directory: string;
  private readonly accounts: readonly string[];
  private readonly lease: number;
  private readonly running = new Map<Victim, Child>();
  private starts = 0;

  private constructor(
    nats: NatsServer,
    ports: readonly number[],
    directory: string,
    accounts: readonly string[],
    lease: number,
  ) {
    this.nats = nats;
    this.lease = lease;
    this.ports = ports;
    this.directory = directory;
    this.accounts = accounts;
  }

  /**
   * Starts one with these accounts, that asks nobody for a password.
   *
   * @param lease - milliseconds that shards stay with a service that was killed
   */
  static async start(accounts: readonly string[], lease = 3000): Promise<Installation> {
    const directory = await mkdtemp(join(tmpdir(), 'parley-receipts-'));
    const installation = new Installation(await startNats(), await freePorts(2), directory, accounts, lease);
    await Promise.all((['first', 'second', 'notification'] as const).map((name) => installation.launch(name)));
    return installation;
  }

  get url(): string {
    return this.nats.url;
  }

  /** Kills without a word, and after milliseconds starts again what was killed. */
  async crash(victims: readonly Victim[], pause: number): Promise<void> {
    const services = victims.filter((victim) => victim !== 'nats');
    for (const victim of services) this.running.get(victim)?.kill('SIGKILL');
    if (victims.includes('nats')) await this.nats.kill9();
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (victims.includes('nats')) await this.nats.restart();
    await Promise.all(services.map((victim) => this.launch(victim)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running.values()].map((child) => child.stop(20_000)));
    await this.nats[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async launch(victim: Exclude<Victim, 'nats'>): Promise<void> {
    await this.running.get(victim)?.exited;
    const isEdge = victim !== 'notification';
    const child = startChild('node', [join(root, `apps/${isEdge ? 'edge' : victim}/src/main.ts`)], {
      cwd: root,
      env: {
        PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
        PARLEY_NATS_URL: this.nats.url,
        PARLEY_DATA_DIR: join(this.directory, victim),
        PARLEY_LEASE_MS: String(this.lease),
        PARLEY_INSTANCE: isEdge ? victim : `${victim}-${++this.starts}`,
        ...(isEdge && {
          PARLEY_SIP_PORT: String(this.ports[victim === 'first' ? 0 : 1] ?? 0),
          PARLEY_SIPS_PORT: '0',
          PARLEY_SIP_WS_PORT: '0',
          PARLEY_AUTH: 'none',
          PARLEY_USERS: this.accounts.map((account) => `${account}:secret`).join(','),
        }),
      },
    });
    this.running.set(victim, child);
    await eventually(
      () => {
        if (!child.stderr.includes('"ready"')) throw new Error(`${victim} is not ready: ${child.stderr.slice(-500)}`);
      },
      { within: 120_000, every: 50 },
    );
  }
}
