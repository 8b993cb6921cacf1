import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '@parley/prelude';
import type { Child, NatsServer } from '@parley/testing';
import { eventually, freePorts, seededRandom, startChild, startNats } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Device, Writer } from './support/mail-ends.ts';

const root = join(import.meta.dirname, '../..');
const accounts = ['ann', 'ben', 'cleo', 'dan', 'eve', 'finn'];
/** Crashes in one run. */
const crashes = 5;
/** Changes the run; a failing one is named by it. */
const seed = Number(process.env['CHAOS_SEED'] ?? 20_261_121);

/** What is killed at once. */
const victims = [['first'], ['second'], ['nats'], ['first', 'nats'], ['first', 'second', 'nats']] as const;

/** A whole number below `limit`. */
function below(random: Random, limit: number): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) % limit;
}

const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** Two edges on one NATS, each of which can be killed and comes back on its port. */
class Installation {
  readonly ports: readonly number[];
  private readonly nats: NatsServer;
  private readonly dataDir: string;
  private readonly edges = new Map<string, Child>();

  constructor(nats: NatsServer, ports: readonly number[], dataDir: string) {
    this.nats = nats;
    this.ports = ports;
    this.dataDir = dataDir;
  }

  start(): Promise<unknown> {
    return Promise.all([this.startEdge('first'), this.startEdge('second')]);
  }

  /** Kills without a word, and after a while starts again what was killed. */
  async crash(names: readonly string[], pause: number): Promise<void> {
    for (const name of names) if (name !== 'nats') this.edges.get(name)?.kill('SIGKILL');
    if (names.includes('nats')) await this.nats.kill9();
    await wait(pause);
    if (names.includes('nats')) await this.nats.restart();
    await Promise.all(names.filter((name) => name !== 'nats').map((name) => this.startEdge(name)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.edges.values()].map((edge) => edge.stop(20_000)));
  }

  private async startEdge(name: string): Promise<void> {
    await this.edges.get(name)?.exited;
    const port = this.ports[name === 'first' ? 0 : 1] ?? 0;
    const edge = startChild('node', [join(root, 'apps/edge/src/main.ts')], {
      cwd: root,
      env: {
        PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
        PARLEY_NATS_URL: this.nats.url,
        PARLEY_SIP_PORT: String(port),
        PARLEY_SIPS_PORT: '0',
        PARLEY_SIP_WS_PORT: '0',
        PARLEY_DATA_DIR: join(this.dataDir, name),
        PARLEY_USERS: [...accounts, 'writer'].map((account) => `${account}:secret`).join(','),
        PARLEY_AUTH: 'none',
        PARLEY_LEASE_MS: '3000',
        PARLEY_INSTANCE: name,
      },
    });
    this.edges.set(name, edge);
    await eventually(
      () => {
        expect(edge.stderr).toContain('"ready"');
      },
      { within: 60_000 },
    );
  }
}

describe(`mailboxes under load, kill -9 of edges and NATS (seed ${seed})`, () => {
  let nats: NatsServer;
  let dataDir: string;
  let installation: Installation;
  beforeAll(async () => {
    nats = await startNats();
    dataDir = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
    installation = new Installation(nats, await freePorts(2), dataDir);
    await installation.start();
  });
  afterAll(async () => {
    await installation.stop();
    await nats[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('every message answered 200 or 202 arrives at every device, and at most one a device and crash comes twice', async () => {
    const random = seededRandom(seed);
    const ports = (at: number) => () => (at % 2 === 0 ? installation.ports : installation.ports.toReversed());
    const owned = accounts.map((account, at) => ({
      account,
      writer: new Writer(ports(at), account),
      devices: ['desk', 'mobile'].map(
        (name, which) => new Device(ports(at + which), account, `<urn:${account}:${name}>`),
      ),
    }));
    const devices = owned.flatMap((each) => each.devices);
    await Promise.all(devices.map((device) => device.on()));
    const running = owned.map(({ writer }) => writer.run());
    for (let crash = 0; crash < crashes; crash++) {
      for (const device of devices) if (below(random, 3) === 0) device.off();
      await wait(300 + below(random, 900));
      await installation.crash(victims[below(random, victims.length)] ?? [], below(random, 600));
      for (const device of devices) if (below(random, 2) === 0) void device.on();
      await wait(below(random, 900));
    }
    for (const { writer } of owned) writer.stop();
    await Promise.all(running);
    for (const device of devices) void device.on();
    await eventually(
      () => {
        const missing = owned.flatMap(({ writer, devices: theirs }) =>
          theirs.flatMap((device) => [...writer.accepted].filter((body) => !device.got.has(body))),
        );
        expect(missing, 'missing').toEqual([]);
      },
      { within: 90_000, every: 200 },
    );
    for (const device of devices) {
      const repeated = [...device.got].filter(([, times]) => times > 1);
      expect(repeated.reduce((sum, [, times]) => sum + times - 1, 0)).toBeLessThanOrEqual(crashes);
      device.stop();
    }
    const accepted = owned.reduce((sum, { writer }) => sum + writer.accepted.size, 0);
    expect(accepted).toBeGreaterThan(accounts.length * crashes);
  }, 240_000);
});
