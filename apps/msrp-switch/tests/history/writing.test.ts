import { createMemoryBroker } from '@parley/bus';
import type { Appended, Bus, BusFailure, MessageStream } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok, unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { HistoryStore } from '../../src/history/history-store.ts';
import { House, openPolicy, room, uriOf } from '../support/house.ts';
import { cpim } from '../support/peer.ts';

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

  it('MUST NOT count as done when others always come first', async () => {
    const bus = createMemoryBroker({ clock: systemClock }).connect();
    const store = new HistoryStore(hindered(bus, () => Promise.resolve(ok({ outcome: 'conflict' }))));
    expect((await store.append(room, [], 10)).ok).toBe(false);
    await bus.drain();
  });
});
