import { createMemoryBroker } from '@parley/bus';
import type { Bus, MemoryBroker } from '@parley/bus';
import type { history } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';

describe('The history of a room', () => {
  let broker: MemoryBroker;
  let bus: Bus;
  let house: House;

  const kept = (messages: number, more = {}) => ({ hub: { ...openPolicy, history: messages, ...more } });
  const ask = async (command: history.HistoryCommandCommand): Promise<history.HistoryReplyOutcome | undefined> => {
    const deadline = systemClock.now() + 30_000;
    const subject = groupSubject('msrp-switch', 'history');
    return unwrap(await bus.request(subject, rpc.history, { room, command }, { deadline })).outcome;
  };
  const read = async (
    limit = 50,
    before = '',
    more: Partial<history.ReadHistory> = {},
  ): Promise<history.HistoryPage> => {
    const outcome = await ask({ kind: 'read', value: { limit, before, since: 0, kept: 100, ...more } });
    if (outcome?.kind !== 'page') throw new Error(`refused: ${JSON.stringify(outcome)}`);
    return outcome.value;
  };
  const texts = ({ items }: history.HistoryPage): readonly string[] =>
    items.map(({ content }) => Buffer.from(content).toString());

  beforeEach(async () => {
    broker = createMemoryBroker({ clock: systemClock });
    bus = await Promise.resolve(broker.connect());
    house = await House.open({ bus: () => broker.connect(), environment: { PARLEY_MSRP_MAX_SIZE: '4000000' } });
  });
  afterEach(async () => {
    await house[Symbol.asyncDispose]();
    await bus.drain();
  });

  it('has what was said to the room, by whom, when, and what it was', async () => {
    const held = house.serveNicknames();
    const alice = await house.join('alice', kept(100));
    await alice.nickname('Wonder');
    expect(held.get('Wonder')).toBe(uriOf('alice'));
    await alice.say(cpim(uriOf('alice'), room, 'hello', 'text/html'), { messageId: 'first' });
    const { items } = await read();
    expect(items).toMatchObject([
      { messageId: 'first', from: uriOf('alice'), nickname: 'Wonder', contentType: 'text/html', object: '', size: 5 },
    ]);
    expect(Math.abs(systemClock.wallTime() - (items[0]?.at ?? 0))).toBeLessThan(600_000);
    expect(Buffer.from(items[0]?.head ?? []).toString()).toContain('DateTime: 2026-11-21T12:00:00Z\r\n');
  });

  it('MUST NOT have private messages, nor what was refused', async () => {
    const alice = await house.join('alice', kept(100));
    await house.join('bob', kept(100));
    await alice.say(cpim(uriOf('alice'), uriOf('bob'), 'psst'));
    await alice.say(cpim(uriOf('mallory'), room, 'forged'));
    await alice.say(cpim(uriOf('alice'), room, 'aloud'));
    expect(texts(await read())).toEqual(['aloud']);
  });

  it('has of an anonymous participant the name that it used, and its address nowhere', async () => {
    const alias = 'sip:anon7@chat.localhost;gr';
    const ghost = await house.join('ghost', { ...kept(100), uris: [alias] });
    await ghost.say(cpim(alias, room, 'boo'));
    const page = await read();
    expect(page.items[0]?.from).toBe(alias);
    expect(
      JSON.stringify(page.items.map((item) => ({ ...item, head: Buffer.from(item.head).toString() }))),
    ).not.toContain(uriOf('ghost'));
  });

  it('is paged from the newest back, each page from old to new', async () => {
    const alice = await house.join('alice', kept(100));
    for (let i = 1; i <= 7; i++) await alice.say(cpim(uriOf('alice'), room, `${i}`));
    const newest = await read(3);
    expect(texts(newest)).toEqual(['5', '6', '7']);
    const middle = await read(3, newest.next);
    expect(texts(middle)).toEqual(['2', '3', '4']);
    const oldest = await read(3, middle.next);
    expect([texts(oldest), oldest.next]).toEqual([['1'], '']);
    expect(await ask({ kind: 'read', value: { limit: 3, before: 'nonsense', since: 0, kept: 100 } })).toMatchObject({
      kind: 'refusal',
      value: { status: 400 },
    });
  });

  it('keeps as many as the policy says, none when it says 0, and nothing of another room of its name', async () => {
    const alice = await house.join('alice', kept(5));
    for (let i = 1; i <= 30; i++) await alice.say(cpim(uriOf('alice'), room, `${i}`));
    expect(texts(await read(50, '', { kept: 5 }))).toEqual(['26', '27', '28', '29', '30']);
    expect(texts(await read(50, '', { since: systemClock.wallTime() + 1000 }))).toEqual([]);
    await house.command({ kind: 'updateHub', value: { hub: openPolicy } });
    await alice.say(cpim(uriOf('alice'), room, 'unheard'));
    expect(texts(await read())).not.toContain('unheard');
  });

  it('has a message in chunks as one, and large contents in the object store', async () => {
    const alice = await house.join('alice', kept(100));
    const small = cpim(uriOf('alice'), room, 'in two chunks');
    const total = small.length;
    alice.shout(small.slice(60), { messageId: 'turned', byteRange: { start: 61, end: total, total } });
    alice.shout(small.slice(0, 60), { messageId: 'turned', byteRange: { start: 1, end: 60, total } }, '+');
    const content = 'x'.repeat(2_000_000);
    await alice.say(cpim(uriOf('alice'), room, content), { messageId: 'large' });
    const page = await eventually(async () => {
      const found = await read();
      expect(found.items).toHaveLength(2);
      return found;
    });
    expect(texts(page)[0]).toBe('in two chunks');
    expect(page.items[1]).toMatchObject({ messageId: 'large', size: content.length });
    const object = unwrap(
      await bus.objects({ name: 'history-bodies', description: '' }).get(page.items[1]?.object ?? ''),
    );
    expect(object).toHaveLength(content.length);
  });

  it('goes with its room', async () => {
    const alice = await house.join('alice', kept(100));
    await alice.say(cpim(uriOf('alice'), room, 'x'.repeat(1_500_000)));
    expect((await read()).items).toHaveLength(1);
    expect(await ask({ kind: 'forget', value: {} })).toMatchObject({ kind: 'done' });
    expect((await read()).items).toHaveLength(0);
    expect(unwrap(await bus.objects({ name: 'history-bodies', description: '' }).names(''))).toEqual([]);
  });

  it('is sent to newcomers as the policy says, oldest first, with its DateTime (RFC 3862 §4.4)', async () => {
    const policy = kept(100, { replay: 2 });
    const alice = await house.join('alice', policy);
    for (const text of ['one', 'two']) await alice.say(cpim(uriOf('alice'), room, text));
    const undated = `From: <${uriOf('alice')}>\r\nTo: <${room}>\r\n\r\nContent-Type: text/plain\r\n\r\nthree`;
    await alice.say(undated);
    const paused = await house.join('paused', { ...policy, paused: true });
    const late = await house.join('late', policy);
    await late.heard(2);
    expect(paused.sends).toEqual([]);
    const [second, third] = late.sends.map(({ body }) => body);
    expect(second).toBe(cpim(uriOf('alice'), room, 'two'));
    expect(third).toMatch(/^DateTime: \d{4}-\d\d-\d\dT[\d:.]+Z\r\nFrom: /);
    expect(third).toContain('three');
  });

  it('has what members of all its switches said', async () => {
    await using there = await House.open({ instance: 'there', bus: () => broker.connect() });
    const alice = await house.join('alice', kept(100));
    const bob = await there.join('bob', { ...kept(100), switches: { items: ['switch-1'] } });
    for (let i = 0; i < 20; i++) {
      await alice.say(cpim(uriOf('alice'), room, `alice ${i}`));
      await bob.say(cpim(uriOf('bob'), room, `bob ${i}`));
    }
    const found = await eventually(async () => {
      const all = texts(await read());
      expect(all).toHaveLength(40);
      return all;
    });
    for (const name of ['alice', 'bob']) {
      const said = found.filter((text) => text.startsWith(name));
      expect(said).toEqual(Array.from({ length: 20 }, (_, i) => `${name} ${i}`));
    }
  });
});
