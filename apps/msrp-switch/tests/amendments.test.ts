import { createMemoryBroker } from '@parley/bus';
import type { Bus, MemoryBroker } from '@parley/bus';
import type { history } from '@parley/contracts';
import { groupSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import type { Clock } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saying } from './support/amending.ts';
import type { Saying } from './support/amending.ts';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import type { Peer } from './support/peer.ts';

const able = { amendments: true };
const kept = { hub: { ...openPolicy, history: 100, replay: 10 } };

describe('Replacing and recalling in a room (docs/specs/replace-message.md §9)', () => {
  let broker: MemoryBroker;
  let bus: Bus;
  let house: House;
  let alice: Peer, bob: Peer, old: Peer;

  const say = (peer: Peer, name: string, text: string, more: Saying = {}, to?: string): Promise<number> =>
    peer.say(saying(uriOf(name), text, more, to));
  const readHistory = async (): Promise<readonly history.HistoryEntry[]> => {
    const command = { kind: 'read', value: { limit: 50, before: '', since: 0, kept: 100 } } as const;
    const deadline = systemClock.now() + 30_000;
    const subject = groupSubject('msrp-switch', 'history');
    const { outcome } = unwrap(await bus.request(subject, rpc.history, { room, command }, { deadline }));
    if (outcome?.kind !== 'page') throw new Error(`refused: ${JSON.stringify(outcome)}`);
    return outcome.value.items;
  };
  const shown = async () =>
    (await readHistory()).map(({ messageId, content, replaced, recalled }) => {
      const mark = recalled === true ? ' (recalled)' : replaced === true ? ' (edited)' : '';
      return `${messageId}: ${Buffer.from(content).toString()}${mark}`;
    });

  beforeEach(async () => {
    broker = createMemoryBroker({ clock: systemClock });
    bus = await Promise.resolve(broker.connect());
    house = await House.open({ bus: () => broker.connect() });
    alice = await house.join('alice', { ...kept, ...able });
    bob = await house.join('bob', { ...kept, ...able });
    old = await house.join('old', kept);
  });
  afterEach(async () => {
    await house[Symbol.asyncDispose]();
    await bus.drain();
  });

  it('goes as it came to all who got the original, whatever their offers say (§9.4)', async () => {
    await say(alice, 'alice', 'At seven.', { id: 'm1' });
    expect(await say(alice, 'alice', 'At eight.', { id: 'm2', replaces: 'm1' })).toBe(200);
    expect(await say(alice, 'alice', '', { id: 'm3', replaces: 'm1', action: 'recall' })).toBe(200);
    for (const peer of [bob, old]) {
      const { body } = await peer.heard(2);
      expect(body).toContain('replace.Message-ID: m1\r\n');
      expect(body).toContain('At eight.');
      expect((await peer.heard(3)).body).toContain('replace.Action: recall\r\n');
    }
  });

  it('is answered 488 as a recall when nobody who has the message is there and nothing is kept', async () => {
    await house.command({ kind: 'updateHub', value: { hub: openPolicy } });
    await say(alice, 'alice', 'Oops.', { id: 'm1' });
    const recall: Saying = { id: 'm2', replaces: 'm1', action: 'recall' };
    for (const peer of [bob, old] as (Peer & { session: string })[])
      await house.command({ kind: 'close', value: { session: peer.session, reason: '' } });
    expect(await say(alice, 'alice', '', recall)).toBe(488);
  });

  it('has the new text in the history, with the mark that it is edited, at its place', async () => {
    await say(alice, 'alice', 'At seven.', { id: 'm1' });
    await say(bob, 'bob', 'Fine.', { id: 'b1' });
    expect(await say(alice, 'alice', 'At eight.', { id: 'm2', replaces: 'm1' })).toBe(200);
    expect(await shown()).toEqual(['m1: At eight. (edited)', 'b1: Fine.']);
  });

  it('leaves of what is recalled a tombstone without content, also of large contents', async () => {
    const large = 'x'.repeat(900_000);
    await say(alice, 'alice', large, { id: 'm1' });
    expect(await say(alice, 'alice', '', { id: 'm2', replaces: 'm1', action: 'recall' })).toBe(200);
    const [entry] = await readHistory();
    expect(entry).toMatchObject({ messageId: 'm1', from: uriOf('alice'), recalled: true, object: '', size: 0 });
    expect(unwrap(await bus.objects({ name: 'history-bodies', description: '' }).names(''))).toEqual([]);
  });

  it('keeps a large replacement as an object, which goes when it is replaced in turn', async () => {
    await say(alice, 'alice', 'short', { id: 'm1' });
    await say(alice, 'alice', 'y'.repeat(100_000), { id: 'm2', replaces: 'm1' });
    expect((await readHistory())[0]).toMatchObject({ size: 100_000, replaced: true });
    await say(alice, 'alice', 'short again', { id: 'm3', replaces: 'm1' });
    expect(await shown()).toEqual(['m1: short again (edited)']);
    expect(unwrap(await bus.objects({ name: 'history-bodies', description: '' }).names(''))).toEqual([]);
  });

  it('MUST be refused with 403 for the message of another, and with 404 for one that nobody said', async () => {
    await say(alice, 'alice', 'mine', { id: 'm1' });
    expect(await say(bob, 'bob', 'forged', { id: 'b1', replaces: 'm1' })).toBe(403);
    expect(await say(bob, 'alice', 'forged', { id: 'b2', replaces: 'm1' })).toBe(403);
    expect(await say(alice, 'alice', 'new', { id: 'm2', replaces: 'nothing' })).toBe(404);
    expect(await say(alice, 'alice', 'new', { id: 'm2', replaces: 'm1', action: 'destroy' })).toBe(400);
    expect(await shown()).toEqual(['m1: mine']);
  });

  it('may name the original or what took its place; what was recalled is nothing any more', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    expect(await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' })).toBe(200);
    expect(await say(alice, 'alice', 'three', { id: 'm3', replaces: 'm2' })).toBe(200);
    expect(await say(alice, 'alice', 'four', { id: 'm4', replaces: 'm1' })).toBe(200);
    expect(await shown()).toEqual(['m1: four (edited)']);
    expect(await say(alice, 'alice', '', { id: 'm5', replaces: 'm3', action: 'recall' })).toBe(200);
    expect(await say(alice, 'alice', 'five', { id: 'm6', replaces: 'm1' })).toBe(404);
    expect(await shown()).toEqual(['m1:  (recalled)']);
  });

  it('said twice is done once', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    expect(await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' })).toBe(200);
    expect(await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' })).toBe(200);
    await say(alice, 'alice', 'end', { id: 'm3' });
    const recall: Saying = { id: 'm4', replaces: 'm1', action: 'recall' };
    expect([await say(alice, 'alice', '', recall), await say(alice, 'alice', '', recall)]).toEqual([200, 200]);
    await say(alice, 'alice', 'last', { id: 'm5' });
    expect((await bob.heard(3)).body).toContain('end');
    expect((await bob.heard(5)).body).toContain('last');
  });

  it('may be done any number of times, and is known by its first name and its latest ones', async () => {
    await say(alice, 'alice', 'one', { id: 'm0' });
    for (let i = 1; i < 12; i++)
      expect(await say(alice, 'alice', `${i}`, { id: `m${i}`, replaces: `m${i - 1}` })).toBe(200);
    expect(await say(alice, 'alice', 'lost', { id: 'mx', replaces: 'm2' })).toBe(404);
    expect(await say(alice, 'alice', 'end', { id: 'my', replaces: 'm0' })).toBe(200);
    expect(await shown()).toEqual(['m0: end (edited)']);
  });

  it('with a name of more than 256 octets is refused with 400', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    expect(await say(alice, 'alice', 'two', { id: 'm'.repeat(257), replaces: 'm1' })).toBe(400);
    expect(await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm'.repeat(257) })).toBe(400);
  });

  it('is done by another device of the same user, which the first one hears', async () => {
    const phone = await house.join('alice', { ...kept, ...able, participant: 'alice-phone' });
    await say(alice, 'alice', 'one', { id: 'm1' });
    await phone.heard(1);
    expect(await say(phone, 'alice', 'two', { id: 'm2', replaces: 'm1' })).toBe(200);
    expect((await alice.heard(1)).body).toContain('replace.Message-ID: m1');
    expect(phone.sends).toHaveLength(1);
  });

  it('is done by who said it under a pseudonym, under that pseudonym alone', async () => {
    const alias = 'sip:anon7@chat.localhost;gr';
    const ghost = await house.join('ghost', { ...kept, uris: [alias], participant: 'ghost-1' });
    const named = await house.join('ghost', { ...kept, participant: 'ghost-2' });
    await ghost.say(saying(alias, 'boo', { id: 'large1' }));
    expect(await say(named, 'ghost', 'it was me', { id: 'large2', replaces: 'large1' })).toBe(403);
    expect(await ghost.say(saying(alias, 'boo!', { id: 'large3', replaces: 'large1' }))).toBe(200);
    const text = JSON.stringify((await readHistory()).map((entry) => ({ ...entry, head: '' })));
    expect(text).not.toContain(uriOf('ghost'));
  });

  it('reaches everybody when it is said again after its switch wrote it down and died before it told anybody', async () => {
    await say(alice, 'alice', 'At seven.', { id: 'm1' });
    expect(await say(alice, 'alice', 'At eight.', { id: 'm2', replaces: 'm1' })).toBe(200);
    await house[Symbol.asyncDispose]();
    // As far as the new switch can know nobody has heard of it.
    house = await House.open({ bus: () => broker.connect(), instance: 'switch-2' });
    const silent = { hub: { ...kept.hub, replay: 0 } };
    alice = await house.join('alice', { ...silent, ...able, joinedAt: 1 });
    bob = await house.join('bob', { ...silent, ...able, joinedAt: 1 });
    const again = (): Promise<number> => say(alice, 'alice', 'At eight.', { id: 'm2', replaces: 'm1' });
    expect(await again()).toBe(200);
    expect((await bob.heard(1)).body).toContain('At eight.');
    expect(await shown()).toEqual(['m1: At eight. (edited)']);
    // From now on it is remembered.
    expect(await again()).toBe(200);
    await bob.bind();
    expect(bob.sends).toHaveLength(1);
    expect(await say(alice, 'alice', '', { id: 'm3', replaces: 'm2', action: 'recall' })).toBe(200);
    expect((await bob.heard(2)).body).toContain('replace.Action: recall');
  });

  it('is done after days: a switch that remembers nothing asks the history', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' });
    await readHistory();
    await house[Symbol.asyncDispose]();
    house = await House.open({ bus: () => broker.connect(), instance: 'switch-2' });
    const later = await house.join('alice', { ...kept, ...able, participant: 'alice-later' });
    const mallory = await house.join('mallory', { ...kept, ...able });
    expect(await say(mallory, 'mallory', 'forged', { id: 'x1', replaces: 'm2' })).toBe(403);
    expect(await say(later, 'alice', 'three', { id: 'm3', replaces: 'm2' })).toBe(200);
    expect(await shown()).toEqual(['m1: three (edited)']);
  });

  it('gives who comes late the newest text and nothing that was recalled, and what is amended then', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    await say(alice, 'alice', 'oops', { id: 'm2' });
    await say(alice, 'alice', 'two', { id: 'm3', replaces: 'm1' });
    await say(alice, 'alice', '', { id: 'm4', replaces: 'm2', action: 'recall' });
    const late = await house.join('late', { ...kept, ...able });
    const { body } = await late.heard(1);
    expect(body).toContain('two');
    expect(body).not.toContain('replace.');
    await say(alice, 'alice', 'three', { id: 'm5', replaces: 'm1' });
    expect((await late.heard(2)).body).toContain('three');
    expect(late.sends).toHaveLength(2);
  });

  it('is not sent to who came after the original and was not told it', async () => {
    const silent = { hub: { ...openPolicy, history: 100, replay: 0 } };
    await say(alice, 'alice', 'one', { id: 'm1' });
    const said = systemClock.wallTime();
    await eventually(() => {
      expect(systemClock.wallTime()).toBeGreaterThan(said);
    });
    const late = await house.join('late', { ...silent, ...able });
    await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' });
    await say(alice, 'alice', 'end', { id: 'm3' });
    expect((await late.heard(1)).body).toContain('end');
  });

  it('reaches who got the original, whatever the clocks of the focus and of other switches say', async () => {
    const clock: Clock = {
      now: () => systemClock.now(),
      wallTime: () => systemClock.wallTime() + 1000,
      after: (delay, task) => systemClock.after(delay, task),
    };
    const other = await House.open({ bus: () => broker.connect(), instance: 'switch-2', clock });
    const carol = await house.join('carol', { ...kept, ...able, joinedAt: systemClock.wallTime() + 60_000 });
    const dave = await other.join('dave', { ...kept, ...able, switches: { items: ['switch-1'] } });
    await say(alice, 'alice', 'one', { id: 'm1' });
    await Promise.all([carol.heard(1), dave.heard(1)]);
    await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' });
    expect((await carol.heard(2)).body).toContain('two');
    expect((await dave.heard(2)).body).toContain('two');
    await other[Symbol.asyncDispose]();
  });

  it('of a private message goes to its recipient only', async () => {
    await say(alice, 'alice', 'psst', { id: 'p1' }, uriOf('bob'));
    expect(await say(alice, 'alice', 'psst!', { id: 'p2', replaces: 'p1' }, uriOf('bob'))).toBe(200);
    expect((await bob.heard(2)).body).toContain('replace.Message-ID: p1');
    expect(await say(alice, 'alice', 'aloud', { id: 'p3', replaces: 'p1' })).toBe(404);
    expect(await say(alice, 'alice', '', { replaces: 'p1', action: 'recall' }, uriOf('old'))).toBe(488);
    await old.bind();
    expect(old.sends).toHaveLength(0);
    expect(await readHistory()).toEqual([]);
  });

  it('obeys the rules of the room as any message: who may not speak may not amend', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    await house.command({ kind: 'updateHub', value: { hub: { ...kept.hub, moderated: true } } });
    expect(await say(alice, 'alice', 'two', { id: 'm2', replaces: 'm1' })).toBe(403);
  });

  it('above 1 MiB is refused with 413', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    expect(await say(alice, 'alice', 'z'.repeat(1_100_000), { id: 'm2', replaces: 'm1' })).toBe(413);
  });

  it('of which one session has begun too many is refused with 413, and goes on when they are over', async () => {
    await say(alice, 'alice', 'one', { id: 'm1' });
    const large = saying(uriOf('alice'), 'z'.repeat(900_000), { id: 'm2', replaces: 'm1' });
    const begin = async (id: string): Promise<number> => {
      const chunk = large.slice(0, -1);
      const byteRange = { start: 1, end: '*', total: large.length } as const;
      return alice.ask({ messageId: id, byteRange, contentType: 'message/cpim' }, chunk, '+');
    };
    expect([await begin('large1'), await begin('large2'), await begin('large3')]).toEqual([200, 200, 413]);
    const byteRange = { start: large.length, end: large.length, total: large.length };
    expect(await alice.ask({ messageId: 'large1', byteRange, contentType: 'message/cpim' }, large.slice(-1))).toBe(200);
    expect(await begin('large4')).toBe(200);
  });

  it('that writes over its head with a later chunk is refused (RFC 4975 §7.3.1)', async () => {
    await say(bob, 'bob', 'his', { id: 'b1' });
    const mine = saying(uriOf('alice'), 'xx', { id: 'm2', replaces: 'b1' });
    const forged = mine.replace('alice@', 'bobby@');
    const total = mine.length;
    alice.shout(mine.slice(0, -1), { messageId: 'over', byteRange: { start: 1, end: total - 1, total } }, '+');
    alice.shout(forged.slice(0, 40), { messageId: 'over', byteRange: { start: 1, end: 40, total } }, '+');
    const rest = { messageId: 'over', byteRange: { start: total, end: total, total }, contentType: 'message/cpim' };
    expect(await alice.ask(rest, mine.slice(-1))).toBe(403);
  });

  it('and two switches: each forwards it, whoever said the original there may amend it here', async () => {
    const other = await House.open({ bus: () => broker.connect(), instance: 'switch-2' });
    const near = { switches: { items: ['switch-1'] } };
    const carol = await other.join('carol', { ...kept, ...able, ...near });
    const phone = await other.join('alice', { ...kept, ...able, ...near, participant: 'alice-phone' });
    await say(alice, 'alice', 'one', { id: 'm1' });
    await carol.heard(1);
    expect(await say(carol, 'carol', 'forged', { id: 'c1', replaces: 'm1' })).toBe(403);
    expect(await say(phone, 'alice', 'two', { id: 'm2', replaces: 'm1' })).toBe(200);
    expect((await carol.heard(2)).body).toContain('replace.Message-ID: m1');
    expect((await bob.heard(2)).body).toContain('replace.Message-ID: m1');
    expect((await old.heard(2)).body).toContain('replace.Message-ID: m1');
    expect(await say(alice, 'alice', '', { id: 'm3', replaces: 'm2', action: 'recall' })).toBe(200);
    expect((await carol.heard(3)).body).toContain('replace.Action: recall');
    expect(await shown()).toEqual(['m1:  (recalled)']);
    await other[Symbol.asyncDispose]();
  });
});
