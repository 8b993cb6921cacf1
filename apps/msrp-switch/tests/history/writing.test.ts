import { createMemoryBroker } from '@parley/bus';
import { busFailure } from '@parley/bus';
import type { Appended, Bus, BusFailure, MessageStream } from '@parley/bus';
import type { history } from '@parley/contracts';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok, unwrap } from '@parley/prelude';
import { systemClock, systemRandom } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { AmendedHistory } from '../../src/history/amended-history.ts';
import { HistoryStore } from '../../src/history/history-store.ts';
import { House, openPolicy, room, uriOf } from '../support/house.ts';
import { cpim } from '../support/peer.ts';
import { saying } from '../support/amending.ts';

function entryOf(messageId: string, at: number): history.HistoryEntry {
  const content = new Uint8Array(1);
  const from = 'sip:alice@localhost';
  const said = { messageId, from, sender: from, nickname: '', at, contentType: 'text/plain' };
  return { ...said, head: new Uint8Array(), content, object: '', size: 1 };
}

type Append = () => Promise<Result<Appended, BusFailure>>;

/** A bus on which `append` stands in the way of what is appended to streams. */
function hindered(bus: Bus, append: (real: Append) => Promise<Result<Appended, BusFailure>>): Bus {
  const real = bus.stream.bind(bus);
  const stream: Bus['stream'] = <T>(...of: Parameters<typeof bus.stream<T>>): MessageStream<T> => {
    const opened = real(...of);
    const appendHere = opened.append.bind(opened);
    return Object.assign(opened, {
      append: (...what: Parameters<typeof appendHere>) => append(() => appendHere(...what)),
    });
  };
  return Object.assign(bus, { stream });
}

describe('Writing the history of a room', () => {
  it('MUST be over for all that was said before it is read, also for what came during a write', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    const gate = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const bus = (): Bus =>
      hindered(broker.connect(), async (append) => {
        begun.resolve(undefined);
        await gate.promise;
        return append();
      });
    await using house = await House.open({ bus });
    const alice = await house.join('alice', { hub: { ...openPolicy, history: 10 } });
    await alice.say(cpim(uriOf('alice'), room, 'one'));
    await begun.promise;
    await alice.say(cpim(uriOf('alice'), room, 'two'));
    const subject = instanceSubject('msrp-switch', 'switch-1', 'history');
    const command = { kind: 'read', value: { limit: 10, before: '', since: 0, kept: 10 } } as const;
    const reading = house.bus.request(
      subject,
      rpc.history,
      { room, command },
      { deadline: systemClock.now() + 30_000 },
    );
    // Answered behind the question before.
    await house.command({ kind: 'close', value: { session: 'nobody', reason: '' } });
    gate.resolve(undefined);
    const { outcome } = unwrap(await reading);
    if (outcome?.kind !== 'page') throw new Error('expected a page');
    expect(outcome.value.items.map(({ content }) => Buffer.from(content).toString())).toEqual(['one', 'two']);
  });

  it('what is not written yet is not amended: it would come into the history as it was said', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    let isDown = true;
    const bus = (): Bus =>
      hindered(broker.connect(), (append) =>
        isDown ? Promise.resolve(err(busFailure('store', 'not now'))) : append(),
      );
    await using house = await House.open({ bus });
    const alice = await house.join('alice', { amendments: true, hub: { ...openPolicy, history: 10 } });
    await alice.say(saying(uriOf('alice'), 'one', { id: 'm1' }));
    const recall = (id: string): Promise<number> =>
      alice.say(saying(uriOf('alice'), '', { id, replaces: 'm1', action: 'recall' }));
    expect(await recall('m2')).toBe(408);
    isDown = false;
    expect(await recall('m3')).toBe(200);
    const store = new HistoryStore(house.bus);
    const page = unwrap(await store.read(room, { limit: 10, before: '', since: 0, kept: 10 }));
    expect(page.items).toMatchObject([{ messageId: 'm1', recalled: true }]);
  });

  it('holds some MiB of amendments that wait for it, and refuses more with 408', async () => {
    const broker = createMemoryBroker({ clock: systemClock });
    const gate = Promise.withResolvers<undefined>();
    const bus = (): Bus => hindered(broker.connect(), (append) => gate.promise.then(append));
    await using house = await House.open({ bus });
    const alice = await house.join('alice', { amendments: true, hub: { ...openPolicy, history: 10 } });
    await alice.say(saying(uriOf('alice'), 'one', { id: 'm1' }));
    for (let i = 2; i < 6; i++)
      alice.shout(saying(uriOf('alice'), 'z'.repeat(1_000_000), { id: `m${i}`, replaces: 'm1' }));
    expect(await alice.say(saying(uriOf('alice'), 'z'.repeat(1_000_000), { id: 'm6', replaces: 'm1' }))).toBe(408);
    gate.resolve(undefined);
  });

  it('MUST NOT count as forgotten while the store does not remove it, nor ask for ever', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const real = bus.stream.bind(bus);
    let asked = 0;
    const stream: Bus['stream'] = <T>(...of: Parameters<typeof bus.stream<T>>): MessageStream<T> =>
      Object.assign(real(...of), {
        remove: () => {
          asked++;
          return Promise.resolve(err(busFailure('store', 'not now')));
        },
      });
    const store = new HistoryStore(Object.assign(bus, { stream }));
    unwrap(await store.append(room, [entryOf('one', 1)], 10));
    expect((await store.forget(room)).ok).toBe(false);
    expect(asked).toBe(1);
    await bus.drain();
  });

  it('removes what became of messages with them, and no sooner', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const store = new HistoryStore(bus);
    const amended = new AmendedHistory(store, systemRandom);
    const view = { kept: 10, since: 0 };
    const said = { contentType: 'text/plain', head: new Uint8Array(), content: new Uint8Array(10_000) };
    const objects = async () => unwrap(await bus.objects({ name: 'history-bodies', description: '' }).names(''));
    unwrap(await store.append(room, [entryOf('old', 1)], 10));
    const original = { messageId: 'old', sender: 'sip:alice@localhost' };
    expect(unwrap(await amended.amend(room, original, { name: 'new', said }, view))).toBe('amended');
    unwrap(await store.append(room, [entryOf('next', 2)], 10));
    expect(await objects()).toHaveLength(1);
    for (let i = 3; i < 90; i++) unwrap(await store.append(room, [entryOf(`m${i}`, i)], 10));
    expect(unwrap(await store.amended.all(room))).toEqual([]);
    expect(await objects()).toEqual([]);
    await bus.drain();
  });

  it('lets a recall stand against replacements, and a repetition be done once', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const store = new HistoryStore(bus);
    const amended = new AmendedHistory(store, systemRandom);
    const view = { kept: 10, since: 0 };
    const said = { contentType: 'text/plain', head: new Uint8Array(), content: new Uint8Array(3) };
    unwrap(await store.append(room, [entryOf('one', 1)], 10));
    const original = { messageId: 'one', sender: 'sip:alice@localhost' };
    const amend = async (name: string, isRecall = false) =>
      unwrap(await amended.amend(room, original, { name, said: isRecall ? undefined : said }, view));
    expect([await amend('two'), await amend('two'), await amend('three', true), await amend('three', true)]).toEqual(
      Array.from({ length: 4 }, () => 'amended'),
    );
    expect(await amend('four')).toBe('recalled-before');
    expect(unwrap(await amended.find(room, 'two', view))).toMatchObject([
      { messageId: 'one', names: ['two', 'three'], isRecalled: true },
    ]);
    const foreign = { messageId: 'one', sender: 'sip:mallory@localhost' };
    expect(unwrap(await amended.amend(room, foreign, { name: 'x', said }, view))).toBe('absent');
    await bus.drain();
  });

  it('MUST NOT count as done when others always come first', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const store = new HistoryStore(hindered(bus, () => Promise.resolve(ok({ outcome: 'conflict' }))));
    expect((await store.append(room, [], 10)).ok).toBe(false);
    await bus.drain();
  });
});
