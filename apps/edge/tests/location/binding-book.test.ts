import { createMemoryBroker } from '@parley/bus';
import type { Bucket } from '@parley/bus';
import { bindingKey, buckets, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { field } from '@parley/sip';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { AccountEntries } from '../../src/location/account-entries.ts';
import { BindingBook } from '../../src/location/binding-book.ts';
import type { Binding } from '../../src/registrar/binding.ts';
import { traitsOf } from '../../src/registrar/contact-traits.ts';

const seconds = 1000;

function binding(key: string, clock: SimulatedClock, more: Partial<Binding> = {}): Binding {
  const contact = unwrap(field.contact.parse(`<sip:${key}@192.0.2.1>`));
  if (contact === '*') throw new Error('expected an address');
  return {
    key,
    contact,
    ...traitsOf(contact),
    target: `sip:${key}@192.0.2.1`,
    path: [],
    callId: 'c',
    cSeq: 1,
    expiresAt: clock.wallTime() + 60 * seconds,
    registeredAt: clock.wallTime(),
    refreshedAt: clock.wallTime(),
    accountSince: 0,
    forRooms: false,
    outbound: false,
    series: undefined,
    supported: [],
    userAgent: '',
    edgeInstance: 'e1',
    flow: 'f1',
    transport: 'TCP',
    ...more,
  };
}

async function scene() {
  const clock = new SimulatedClock();
  const broker = createMemoryBroker({ clock });
  const open = (name: string): BindingBook => new BindingBook(broker.connect(), clock, name, new AccountEntries());
  const [one, two] = [open('e1'), open('e2')];
  await clock.run(100);
  const keys = (book: BindingBook): string[] => book.live('alice').map(({ key }) => key);
  return { clock, broker, one, two, open, keys };
}

/** A bucket whose watch tells 10 ms late, and whose puts are acknowledged after 50. */
function late<T>(bucket: Bucket<T>, clock: SimulatedClock): Bucket<T> {
  return {
    get: (key) => bucket.get(key),
    create: (key, value) => bucket.create(key, value),
    update: (key, value, revision) => bucket.update(key, value, revision),
    put: async (key, value) => {
      const put = await bucket.put(key, value);
      await new Promise<void>((resolve) => clock.after(50, resolve));
      return put;
    },
    delete: (key, revision) => bucket.delete(key, revision),
    keys: (prefix) => bucket.keys(prefix),
    entries: (prefix) => bucket.entries(prefix),
    watch: (prefix, watcher) =>
      bucket.watch(prefix, {
        ready: () => watcher.ready?.(),
        changed: (event, storedAt) => {
          clock.after(10, () => {
            watcher.changed(event, storedAt);
          });
        },
      }),
    sweep: (age) => bucket.sweep(age),
  };
}

const store = (...stored: Binding[]) => ({ stored, removed: [] });

describe('Location service (RFC 3261 §10)', () => {
  it('does not bring back what another edge ended before the making was acknowledged', async () => {
    const { clock, broker, one, keys } = await scene();
    const making = one.apply('alice', store(binding('a', clock)));
    const ending = broker.connect().bucket(buckets.bindings, edge.BindingRecord).delete(bindingKey('alice', 'a'));
    await Promise.all([making, ending, clock.run(10)]);
    expect(keys(one)).toEqual([]);
  });

  it('keeps what another edge registered before the removal of the same contact was acknowledged', async () => {
    const { clock, one, two, keys } = await scene();
    const a = binding('a', clock);
    await one.apply('alice', store(a));
    await clock.run(10);
    const removing = one.apply('alice', { stored: [], removed: [a] });
    const making = two.apply('alice', store({ ...a, callId: 'd', edgeInstance: 'e2' }));
    await Promise.all([removing, making, clock.run(10)]);
    expect([keys(one), keys(two)]).toEqual([['a'], ['a']]);
  });

  it('takes no removal of its own for one of another edge, though other writes of the REGISTER take longer', async () => {
    const { clock, broker } = await scene();
    const bus = broker.connect();
    const one = new BindingBook(
      { bucket: (...what) => late(bus.bucket(...what), clock) },
      clock,
      'e1',
      new AccountEntries(),
    );
    await clock.run(100);
    const a = binding('a', clock);
    const taken: string[] = [];
    one.onTaken(({ key }) => taken.push(key));
    await Promise.all([one.apply('alice', store(a)), clock.run(100)]);
    await Promise.all([one.apply('alice', { stored: [binding('b', clock)], removed: [a] }), clock.run(100)]);
    expect([taken, one.live('alice').map(({ key }) => key)]).toEqual([[], ['b']]);
    await broker.connect().bucket(buckets.bindings, edge.BindingRecord).delete(bindingKey('alice', 'b'));
    await clock.run(100);
    expect(taken).toEqual(['b']);
  });

  it('is the same at every edge, also at one that starts later', async () => {
    const { clock, one, two, open, keys } = await scene();
    await one.apply('alice', store(binding('a', clock), binding('b', clock)));
    await clock.run(10);
    expect([keys(one), keys(two)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    const late = open('e3');
    await clock.run(10);
    await late.filled;
    expect(keys(late).toSorted()).toEqual(['a', 'b']);
  });

  it('passes over what has expired at once, and takes it out of the store soon', async () => {
    const { clock, broker, one, keys } = await scene();
    await one.apply('alice', store(binding('a', clock), binding('b', clock, { expiresAt: clock.wallTime() + 90_000 })));
    await clock.run(61 * seconds);
    expect([keys(one), one.ownSize]).toEqual([['b'], 1]);
    await clock.run(10 * seconds);
    const stored = unwrap(
      await broker.connect().bucket({ name: 'bindings', description: '', maxValueSize: 1 }, rawKeys).keys(),
    );
    expect(stored).toEqual(['alice.b']);
  });

  it('leaves a binding alone that another edge refreshed while it expired here', async () => {
    const { clock, one, two, keys } = await scene();
    const old = binding('a', clock);
    await one.apply('alice', store(old));
    await clock.run(10);
    await two.apply('alice', store({ ...old, edgeInstance: 'e2', flow: 'f2', expiresAt: clock.wallTime() + 90_000 }));
    const ended = await one.end(['alice'], ({ flow }) => flow === 'f1');
    await clock.run(10);
    expect([ended, keys(one), keys(two)]).toEqual([0, ['a'], ['a']]);
  });

  it('changes a binding in passing only where no other edge refreshed it meanwhile', async () => {
    const { clock, one, two } = await scene();
    const old = binding('a', clock, { callId: 'other flow' });
    await one.apply('alice', store(old));
    await clock.run(10);
    const refreshed = two.apply('alice', store({ ...old, cSeq: 2, flow: 'f2', edgeInstance: 'e2' }));
    const inPassing = one.apply('alice', store(binding('b', clock), { ...old, series: { token: 't', cSeq: 1 } }));
    await clock.run(10);
    expect([(await refreshed).ok, (await inPassing).ok]).toEqual([true, true]);
    await clock.run(10);
    expect(one.live('alice').map(({ key, flow }) => [key, flow])).toContainEqual(['a', 'f2']);
  });

  it('tells of a binding on its own connection that another edge ended, and of none that it ended itself', async () => {
    const { clock, one, two } = await scene();
    const taken: string[] = [];
    one.onTaken(({ key }) => taken.push(key));
    const mine = [binding('a', clock), binding('b', clock)] as const;
    await one.apply('alice', store(...mine));
    await clock.run(10);
    await one.apply('alice', { stored: [], removed: [mine[0]] });
    await two.end(['alice'], ({ key }) => key === 'b');
    await clock.run(10);
    expect(taken).toEqual(['b']);
  });

  it('ends what an account left that is gone, and nothing of a successor that registered elsewhere meanwhile', async () => {
    const { clock, one, two, keys } = await scene();
    await one.apply('alice', store(binding('a', clock, { accountSince: 1 }), binding('b', clock, { accountSince: 1 })));
    await clock.run(10);
    await Promise.all([
      one.removeAll('alice', 1),
      two.apply('alice', store(binding('b', clock, { accountSince: 5, edgeInstance: 'e2' }))),
      two.apply('alice', store(binding('c', clock, { accountSince: 5, edgeInstance: 'e2' }))),
    ]);
    await two.removeAll('alice', 1);
    await clock.run(10);
    expect([keys(one).toSorted(), keys(two).toSorted()]).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ]);
  });

  it('changes nothing when the store is away', async () => {
    const { clock, broker, one, keys } = await scene();
    await one.apply('alice', store(binding('a', clock)));
    broker.goAway();
    const failed = await one.apply('alice', { stored: [binding('b', clock)], removed: [binding('a', clock)] });
    expect([failed.ok, keys(one)]).toEqual([false, ['a']]);
  });

  it('ends the connections of an earlier life, and keeps what came over UDP', async () => {
    const { clock, one, keys } = await scene();
    await one.apply(
      'alice',
      store(binding('a', clock), binding('b', clock, { transport: 'UDP', flow: 'udp:192.0.2.1:1' })),
    );
    await one.endEarlierLife();
    expect(keys(one)).toEqual(['b']);
  });
});

const rawKeys = {
  name: 'raw',
  encode: (value: Uint8Array) => value,
  decode: (bytes: Uint8Array) => ({ ok: true, value: bytes }) as const,
};
