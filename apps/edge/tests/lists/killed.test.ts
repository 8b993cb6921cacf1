import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus } from '@parley/bus';
import { groupSubject, rpc } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import { eventually, freePort, startChild, startNats } from '@parley/testing';
import type { Child, NatsServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFields, listPart, multipart, textPart } from '../support/list-body.ts';
import type { Entry } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const names = Array.from({ length: 500 }, (_, i) => `u${i}`);
/** The others are away. */
const live = names.slice(0, 250);

describe('kill -9 in the middle of a fan-out', () => {
  let nats: NatsServer;
  let dataDir: string;
  beforeAll(async () => {
    nats = await startNats();
    dataDir = await mkdtemp(join(tmpdir(), 'parley-edge-'));
  });
  afterAll(async () => {
    await nats[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  const branches = new Set<string>();

  async function start(port: number): Promise<Child> {
    const child = startChild(process.execPath, [main], {
      env: {
        PARLEY_NATS_URL: nats.url,
        PARLEY_SIP_PORT: String(port),
        PARLEY_SIPS_PORT: '0',
        PARLEY_SIP_WS_PORT: '0',
        PARLEY_DATA_DIR: dataDir,
        PARLEY_USERS: ['alice', ...names].map((name) => `${name}:secret`).join(','),
        PARLEY_AUTH: 'none',
        PARLEY_LEASE_MS: '600',
        PARLEY_INSTANCE: 'e1',
      },
    });
    await eventually(() => {
      expect(child.stderr).toContain('"ready"');
    });
    return child;
  }

  async function register(phone: Phone, name: string): Promise<void> {
    const aor = `sip:${name}@localhost`;
    const fields = [`Contact: <sip:${name}@${phone.local}>;expires=600`];
    const instead = { From: `<${aor}>;tag=f${name}`, 'Call-ID': `register-${name}` };
    const response = await phone.ask('REGISTER', 'sip:localhost', { to: aor, fields, instead });
    expect(response.statusCode).toBe(200);
  }

  /** Takes messages and counts how many each recipient got; what a transaction repeats over UDP counts once. */
  async function take(phone: Phone, got: Map<string, number>, enough: () => boolean): Promise<void> {
    while (!enough()) {
      const request = await phone.incoming();
      phone.answer(request, 200);
      const branch = readRaw(request, 'Via') ?? '';
      if (branches.has(branch)) continue;
      branches.add(branch);
      const name = /^<sip:([^@]+)@/.exec(readRaw(request, 'To') ?? '')?.[1] ?? '';
      got.set(name, (got.get(name) ?? 0) + 1);
    }
  }

  /** What became of the message for each recipient, once that is known. */
  async function outcomesOf(id: string): Promise<readonly lists.RecipientOutcome[]> {
    await using bus = unwrap(await connectBus({ url: nats.url, name: 'test', clock: systemClock }));
    const command = { commandId: 'c', command: { kind: 'message', value: { id } } } as const;
    return await eventually(async () => {
      const deadline = systemClock.now() + 2_000;
      const { outcome } = unwrap(await bus.request(groupSubject('edge', 'lists'), rpc.lists, command, { deadline }));
      if (outcome?.kind !== 'message' || !outcome.value.done) throw new Error('not done yet');
      return outcome.value.recipients;
    });
  }

  it('loses none of 500 recipients, and repeats no more copies than were under way', async () => {
    const port = await freePort();
    const first = await start(port);
    await using devices = await Phone.udp(port, 'u0');
    for (const name of live) await register(devices, name);
    const entries = names.map((name): Entry => [`sip:${name}@localhost`]);
    await using alice = await Phone.udp(port, 'alice');
    const body = multipart([textPart('to all'), listPart(entries)]);
    const answer = await alice.ask('MESSAGE', 'sip:list@localhost', { fields: listFields, body });
    expect(answer.statusCode).toBe(202);
    const id = /tag=(.*)$/.exec(readRaw(answer, 'To') ?? '')?.[1] ?? '';
    const got = new Map<string, number>();
    await take(devices, got, () => got.size === 150);
    first.kill('SIGKILL');
    await first.exited;
    await using second = await start(port);
    await take(devices, got, () => got.size === live.length);
    const outcomes = await outcomesOf(id);
    expect(outcomes.map(({ uri }) => uri)).toEqual(entries.map(([uri]) => uri));
    expect(new Set(outcomes.slice(0, live.length).map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(outcomes.slice(live.length).map(({ status }) => status))).toEqual(new Set([202]));
    for (const name of ['u250', 'u377', 'u499']) {
      await using phone = await Phone.udp(port, name);
      await register(phone, name);
      await take(phone, got, () => got.has(name));
    }
    const total = [...got.values()].reduce((sum, count) => sum + count, 0);
    expect(Math.max(...got.values())).toBeLessThanOrEqual(2);
    expect(total - got.size).toBeLessThanOrEqual(32);
    expect(second.stderr).not.toContain('fault while');
  }, 60_000);
});
