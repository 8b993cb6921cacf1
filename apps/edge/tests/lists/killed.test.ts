import { connectBus } from '@parley/bus';
import { groupSubject, rpc } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import { eventually, freePort } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcesses } from '../support/edge-processes.ts';
import { listFields, listPart, multipart, textPart } from '../support/list-body.ts';
import type { Entry } from '../support/list-body.ts';
import { Phone } from '../support/phone.ts';

const names = Array.from({ length: 500 }, (_, i) => `u${i}`);
/** The others are away. */
const live = names.slice(0, 250);

describe('kill -9 in the middle of a fan-out', () => {
  let edges: EdgeProcesses;
  beforeAll(async () => {
    edges = await EdgeProcesses.open({
      PARLEY_USERS: ['alice', ...names].map((name) => `${name}:secret`).join(','),
      PARLEY_AUTH: 'none',
      PARLEY_LEASE_MS: '3000',
      PARLEY_INSTANCE: 'e1',
    });
  });
  afterAll(async () => {
    await edges[Symbol.asyncDispose]();
  });

  const branches = new Set<string>();

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
    await using bus = unwrap(await connectBus({ url: edges.nats.url, name: 'test', clock: systemClock }));
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
    const first = await edges.start(port);
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
    await using second = await edges.start(port);
    await take(devices, got, () => got.size === live.length);
    const outcomes = await outcomesOf(id);
    expect(outcomes.map(({ uri }) => uri)).toEqual(entries.map(([uri]) => uri));
    // What a device does not take in time, on a busy machine, is stored and comes later.
    for (const { status } of outcomes.slice(0, live.length)) expect([200, 202]).toContain(status);
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
  });
});
