import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '@parley/testing';
import { ActorSystem, restartThenStop } from '../../src/index.ts';
import type { ActorKind, Actors, Crash, DeadLetter } from '../../src/index.ts';

/** A counter that can do everything an actor may do wrong. */
type Order =
  | { readonly do: 'add'; readonly amount: number }
  | { readonly do: 'read' | 'crash' | 'reject' | 'sleep' | 'ignore' | 'defer' | 'answer' | 'flood' | 'disarm' }
  | { readonly do: 'arm'; readonly delay: number }
  | { readonly do: 'hold' | 'await'; readonly until: Promise<unknown> };

interface Counter {
  value: number;
  later?: (value: number) => void;
}

interface Bench {
  readonly clock: SimulatedClock;
  readonly system: ActorSystem;
  readonly counters: Actors<Order, number>;
  readonly crashes: Crash[];
  readonly letters: DeadLetter[];
  readonly escalated: Crash[];
}

const counter: ActorKind<Counter, Order, number> = {
  name: 'counter',
  load: () => ({ value: 0 }),
  receive(context, order) {
    const { state } = context;
    switch (order.do) {
      case 'add':
        state.value += order.amount;
        return;
      case 'read':
        context.reply(state.value);
        return;
      case 'crash':
        throw new Error('crash');
      case 'reject':
        return Promise.reject(new Error('reject'));
      case 'sleep':
        context.sleep();
        return;
      case 'ignore':
        return;
      case 'defer':
        state.later = context.deferReply();
        return;
      case 'answer':
        state.later?.(state.value);
        return;
      case 'flood':
        for (let i = 0; i < 20; i++) context.tellSelf({ do: 'add', amount: 1 });
        return;
      case 'arm':
        context.arm('beat', order.delay, { do: 'add', amount: 1 });
        return;
      case 'disarm':
        context.disarm('beat');
        return;
      case 'hold':
        return order.until.then(() => {
          state.value++;
        });
      case 'await':
        context.whenSettled(order.until, (outcome) => ({ do: 'add', amount: outcome.ok ? 10 : 100 }));
        return;
    }
  },
};

function bench(more: Partial<ActorKind<Counter, Order, number>> = {}): Bench {
  const clock = new SimulatedClock();
  const crashes: Crash[] = [];
  const letters: DeadLetter[] = [];
  const escalated: Crash[] = [];
  const system = new ActorSystem({
    clock,
    observer: { crashed: (crash) => crashes.push(crash), deadLetter: (letter) => letters.push(letter) },
    escalate: (crash) => escalated.push(crash),
  });
  return { clock, system, counters: system.register({ ...counter, ...more }), crashes, letters, escalated };
}

function read(counters: Actors<Order, number>, identity = 'a'): Promise<unknown> {
  return counters.ask(identity, { do: 'read' });
}

describe('actors', () => {
  it('handle the messages of one sender in order, each identity with its own state', async () => {
    const { counters } = bench();
    counters.tell('a', { do: 'add', amount: 1 });
    counters.tell('b', { do: 'add', amount: 5 });
    counters.tell('a', { do: 'add', amount: 2 });
    expect(await read(counters, 'a')).toEqual({ ok: true, value: 3 });
    expect(await read(counters, 'b')).toEqual({ ok: true, value: 5 });
    expect(counters.size).toBe(2);
  });

  it('never run inside the call that tells them', () => {
    let ran = false;
    const { counters } = bench({ receive: () => void (ran = true) });
    counters.tell('a', { do: 'ignore' });
    expect(ran).toBe(false);
  });

  it('handle one message at a time, also while a behaviour awaits', async () => {
    const { counters, clock } = bench();
    const gate = Promise.withResolvers<undefined>();
    counters.tell('a', { do: 'hold', until: gate.promise });
    counters.tell('a', { do: 'add', amount: 10 });
    const answer = read(counters);
    await clock.run(0);
    gate.resolve(undefined);
    expect(await answer).toEqual({ ok: true, value: 11 });
  });

  it('leave the mailbox open while work elsewhere is under way, and hear of its outcome as a message', async () => {
    const { counters, clock } = bench();
    const gate = Promise.withResolvers<undefined>();
    counters.tell('a', { do: 'await', until: gate.promise });
    counters.tell('a', { do: 'await', until: Promise.reject(new Error('elsewhere')) });
    await clock.run(0);
    expect(await read(counters)).toEqual({ ok: true, value: 100 });
    gate.resolve(undefined);
    await clock.run(0);
    expect(await read(counters)).toEqual({ ok: true, value: 110 });
  });

  it('wait for an asynchronous load with their mail', async () => {
    const gate = Promise.withResolvers<Counter>();
    const { counters } = bench({ load: () => gate.promise });
    const answer = read(counters);
    gate.resolve({ value: 7 });
    expect(await answer).toEqual({ ok: true, value: 7 });
  });

  it('share a worker: a flood to one does not keep another waiting', async () => {
    const { counters, system } = bench({ mailboxLimit: 1e6 });
    for (let i = 0; i < 10_000; i++) counters.tell('busy', { do: 'add', amount: 1 });
    await read(counters, 'quick');
    expect(system.counts.delivered).toBeLessThan(5000);
    expect(await read(counters, 'busy')).toEqual({ ok: true, value: 10_000 });
  });
});

describe('an ask', () => {
  it('fails retryably at its deadline', async () => {
    const { counters, clock } = bench();
    const answer = counters.ask('a', { do: 'defer' }, 500);
    await clock.run(500);
    expect(await answer).toMatchObject({ ok: false, error: { kind: 'TransportFailure', retryable: true } });
  });

  it('is answered later by a deferred reply, while other messages are handled', async () => {
    const { counters, clock } = bench();
    const answer = counters.ask('a', { do: 'defer' });
    counters.tell('a', { do: 'add', amount: 4 });
    counters.tell('a', { do: 'answer' });
    expect(await answer).toEqual({ ok: true, value: 4 });
    await clock.run(0);
    expect(clock.pending).toBe(0);
  });

  it('does not wait for the deadline when the behaviour ends without a reply', async () => {
    const { counters } = bench();
    expect(await counters.ask('a', { do: 'ignore' })).toMatchObject({ ok: false, error: { kind: 'TransportFailure' } });
  });

  it('does not wait for the deadline when the actor crashes, stops, or restarts before a deferred reply', async () => {
    const { counters, clock } = bench();
    const asks = [
      counters.ask('a', { do: 'defer' }),
      counters.ask('a', { do: 'crash' }),
      counters.ask('b', { do: 'defer' }),
    ];
    await clock.run(0);
    await counters.stop('b');
    for (const ask of asks) expect(await ask).toMatchObject({ ok: false, error: { retryable: true } });
  });
});

describe('a mailbox', () => {
  it('refuses what is above its limit: 503 to an asker, a dead letter on record', async () => {
    const { counters, letters, system } = bench({ mailboxLimit: 2 });
    const told = [1, 2, 3].map((amount) => counters.tell('a', { do: 'add', amount }));
    expect(told).toEqual([true, true, false]);
    expect(await read(counters)).toMatchObject({ ok: false, error: { kind: 'Refusal', status: 503 } });
    expect(letters.map(({ reason }) => reason)).toEqual(['mailbox-full', 'mailbox-full']);
    expect(system.counts.deadLetters).toBe(2);
  });

  it("lets an actor's own timers in when it is full, but not its flood", async () => {
    const { counters, clock, letters } = bench({ mailboxLimit: 3 });
    counters.tell('a', { do: 'arm', delay: 10 });
    counters.tell('a', { do: 'flood' });
    await clock.run(20);
    expect(letters.length).toBe(17);
    expect(await read(counters)).toEqual({ ok: true, value: 4 });
  });
});

describe('timers', () => {
  it('send their message once; arming again replaces, disarming forgets', async () => {
    const { counters, clock } = bench();
    counters.tell('a', { do: 'arm', delay: 100 });
    counters.tell('a', { do: 'arm', delay: 200 });
    counters.tell('b', { do: 'arm', delay: 100 });
    counters.tell('b', { do: 'disarm' });
    await clock.run(150);
    expect(await read(counters)).toEqual({ ok: true, value: 0 });
    await clock.run(150);
    expect(await read(counters)).toEqual({ ok: true, value: 1 });
    expect(await read(counters, 'b')).toEqual({ ok: true, value: 0 });
  });

  it('die with the life that armed them', async () => {
    const { counters, clock } = bench();
    counters.tell('a', { do: 'arm', delay: 100 });
    counters.tell('a', { do: 'crash' });
    await clock.run(200);
    expect(await read(counters)).toEqual({ ok: true, value: 0 });
  });
});

describe('idle actors', () => {
  it('are put to sleep and woken from their stored state', async () => {
    const stored = new Map<string, number>();
    const { counters, clock, system } = bench({
      idleAfter: 1000,
      load: (identity) => ({ value: stored.get(identity) ?? 0 }),
      stopping: ({ identity, state }) => void stored.set(identity, state.value),
    });
    counters.tell('a', { do: 'add', amount: 3 });
    await clock.run(2500);
    expect([counters.size, system.counts.live, clock.pending]).toEqual([0, 0, 0]);
    expect(await read(counters)).toEqual({ ok: true, value: 3 });
  });

  it('stay awake while a timer, a promise or an asker waits', async () => {
    const { counters, clock } = bench({ idleAfter: 1000 });
    counters.tell('timer', { do: 'arm', delay: 50_000 });
    counters.tell('promise', { do: 'await', until: new Promise(() => {}) });
    void counters.ask('asker', { do: 'defer' }, 50_000);
    await clock.run(10_000);
    expect(counters.size).toBe(3);
  });

  it('do not stay awake for an asker who has given up', async () => {
    const { counters, clock } = bench({ idleAfter: 1000 });
    void counters.ask('a', { do: 'defer' }, 500);
    await clock.run(5000);
    expect(counters.size).toBe(0);
  });

  it('may go by themselves; mail that waits wakes them again', async () => {
    let loads = 0;
    const { counters } = bench({ load: () => ({ value: 100 * ++loads }) });
    counters.tell('a', { do: 'sleep' });
    expect(await read(counters)).toEqual({ ok: true, value: 200 });
  });
});

describe('a crash', () => {
  it.each(['crash', 'reject'] as const)(
    '(%s) restarts the actor from its stored state and harms no neighbour',
    async (how) => {
      const { counters, crashes, system } = bench({ load: () => ({ value: 1 }) });
      counters.tell('b', { do: 'add', amount: 5 });
      counters.tell('a', { do: 'add', amount: 5 });
      counters.tell('a', { do: how });
      counters.tell('a', { do: 'add', amount: 1 });
      expect(await read(counters, 'a')).toEqual({ ok: true, value: 2 });
      expect(await read(counters, 'b')).toEqual({ ok: true, value: 6 });
      expect(crashes).toMatchObject([{ kind: 'counter', identity: 'a', phase: 'receiving', directive: 'restart' }]);
      expect(system.counts).toMatchObject({ crashed: 1, restarted: 1 });
    },
  );

  it('may be answered by resuming with the state as it is', async () => {
    const { counters } = bench({ supervision: { ...restartThenStop, decide: () => 'resume' } });
    counters.tell('a', { do: 'add', amount: 5 });
    counters.tell('a', { do: 'crash' });
    expect(await read(counters)).toEqual({ ok: true, value: 5 });
  });

  it('that comes again and again stops the actor, and its mail goes to the dead letters', async () => {
    const { counters, clock, crashes, letters } = bench();
    for (let i = 0; i < 6; i++) counters.tell('a', { do: 'crash' });
    counters.tell('a', { do: 'add', amount: 1 });
    await clock.run(10_000);
    expect(crashes.map(({ directive }) => directive)).toEqual([...new Array<string>(5).fill('restart'), 'stop']);
    expect(letters).toMatchObject([{ reason: 'stopped', message: { do: 'add' } }]);
    expect(await read(counters)).toEqual({ ok: true, value: 0 });
  });

  it('while loading is tried again after growing pauses', async () => {
    let loads = 0;
    const { counters, clock } = bench({
      load: () => (++loads < 4 ? Promise.reject(new Error('store')) : { value: 9 }),
    });
    const answer = read(counters);
    await clock.run(1000);
    expect(await answer).toEqual({ ok: true, value: 9 });
  });

  it('that escalates stops the actor and tells the owner of the system', async () => {
    const { counters, clock, escalated } = bench({ supervision: { ...restartThenStop, decide: () => 'escalate' } });
    counters.tell('a', { do: 'crash' });
    await clock.run(0);
    expect(escalated).toMatchObject([{ identity: 'a', directive: 'escalate' }]);
    expect(counters.has('a')).toBe(false);
  });

  it('in the stopping hook is observed and changes nothing', async () => {
    const { counters, crashes } = bench({ stopping: () => Promise.reject(new Error('store')) });
    counters.tell('a', { do: 'add', amount: 1 });
    await read(counters);
    await counters.stop('a');
    expect([counters.size, crashes[0]?.phase]).toEqual([0, 'stopping']);
  });
});

describe('stopping', () => {
  it('overtakes the messages that wait, which become dead letters', async () => {
    const { counters, letters, clock } = bench();
    const gate = Promise.withResolvers<undefined>();
    counters.tell('a', { do: 'hold', until: gate.promise });
    await clock.run(0);
    for (let i = 0; i < 5; i++) counters.tell('a', { do: 'add', amount: 1 });
    const stopped = counters.stop('a');
    gate.resolve(undefined);
    await stopped;
    expect(letters.length).toBe(5);
  });

  it('does not wait for a load that hangs', async () => {
    const { counters, clock } = bench({ load: () => new Promise(() => {}) });
    counters.tell('a', { do: 'ignore' });
    await clock.run(0);
    await counters.stop('a');
    expect(counters.size).toBe(0);
  });

  it('is not undone by a load that fails afterwards', async () => {
    const gate = Promise.withResolvers<Counter>();
    const { counters, clock, crashes } = bench({ load: () => gate.promise });
    counters.tell('a', { do: 'ignore' });
    await clock.run(0);
    await counters.stop('a');
    gate.reject(new Error('store'));
    await clock.run(10_000);
    expect([crashes, counters.size, clock.pending]).toEqual([[], 0, 0]);
  });

  it('picks actors by identity, as when a shard moves away', async () => {
    const { counters, clock } = bench();
    for (const identity of ['a1', 'a2', 'b1']) counters.tell(identity, { do: 'ignore' });
    await clock.run(0);
    await counters.stopWhere((identity) => identity.startsWith('a'));
    expect([counters.has('a1'), counters.has('b1'), counters.size]).toEqual([false, true, 1]);
  });

  it('of the system handles the mail that waits, wakes nobody, and leaves no timer', async () => {
    const sum: number[] = [];
    const { counters, letters, system, clock } = bench({
      stopping: ({ state }) => void sum.push(state.value),
      idleAfter: 1000,
    });
    for (let i = 0; i < 100; i++) counters.tell('a', { do: 'add', amount: 1 });
    const drained = system.drain();
    expect(counters.tell('new', { do: 'ignore' })).toBe(false);
    await drained;
    expect([sum, letters[0]?.reason, clock.pending]).toEqual([[100], 'draining', 0]);
  });

  it('of the system waits for work elsewhere and for answers that are owed', async () => {
    const { counters, system, clock } = bench();
    const gate = Promise.withResolvers<undefined>();
    counters.tell('a', { do: 'await', until: gate.promise });
    const later: ((value: number) => void)[] = [];
    const owing = system.register<undefined, 'ask', number>({
      name: 'owing',
      load: () => undefined,
      receive: (context) => void later.push(context.deferReply()),
    });
    const asked = owing.ask('o', 'ask');
    await clock.run(0);
    const drained = system.drain();
    await clock.run(100);
    expect([counters.size, owing.size]).toEqual([1, 1]);
    gate.resolve(undefined);
    later[0]!(7);
    await drained;
    expect([await asked, counters.size, owing.size]).toEqual([{ ok: true, value: 7 }, 0, 0]);
  });

  it('of the system cuts off what does not end', async () => {
    const { counters, system, clock } = bench();
    counters.tell('a', { do: 'hold', until: new Promise(() => {}) });
    await clock.run(0);
    let drained = false;
    void system.drain(1000).then(() => (drained = true));
    await clock.run(999);
    expect(drained).toBe(false);
    await clock.run(1);
    expect(drained).toBe(true);
  });
});
