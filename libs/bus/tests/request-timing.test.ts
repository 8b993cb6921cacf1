import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { createMemoryBroker, createMemoryBus, declined } from '../src/index.ts';
import { answerOf, ping, question, reasonOf } from './bus-suite.ts';

describe('a request, in time', () => {
  it('pauses 20 ms before it asks again, twice as long each time, at most 250 ms', async () => {
    const clock = new SimulatedClock();
    const bus = createMemoryBus({ clock });
    const asked: number[] = [];
    bus.serve('a.b', ping, () => {
      asked.push(clock.now());
      return declined;
    });
    const answer = bus.request('a.b', ping, question, { deadline: 1000 });
    await clock.run(1000);
    expect(asked).toEqual([0, 20, 60, 140, 300, 550, 800]);
    expect(reasonOf(await answer)).toBe('no-responder');
    expect(bus.counts).toMatchObject({ requests: 1, retries: 6, failures: 1 });
  });

  it('is not handled after its deadline, when it waited that long for its turn', async () => {
    const clock = new SimulatedClock();
    const bus = createMemoryBus({ clock });
    const handled: number[] = [];
    const handler = async (): Promise<ReturnType<typeof answerOf>> => {
      handled.push(clock.now());
      await new Promise<void>((resolve) => clock.after(500, resolve));
      return answerOf('done');
    };
    bus.serve('a.b', ping, handler, { concurrency: 1 });
    const first = bus.request('a.b', ping, question, { deadline: 1000 });
    const second = bus.request('a.b', ping, question, { deadline: 400 });
    await clock.run(2000);
    expect((await first).ok).toBe(true);
    expect(reasonOf(await second)).toBe('timeout');
    expect(handled).toEqual([0]);
  });

  it('leaves no timer behind once it is answered', async () => {
    const clock = new SimulatedClock();
    const bus = createMemoryBus({ clock });
    bus.serve('a.b', ping, () => answerOf('done'));
    const answer = bus.request('a.b', ping, question, { deadline: 1000 });
    await clock.run(0);
    expect(unwrap(await answer).name).toBe('done');
    expect(clock.pending).toBe(0);
  });

  it('keeps a draining bus no longer than its deadline, though its handler never ends', async () => {
    const clock = new SimulatedClock();
    const broker = createMemoryBroker({ clock });
    const [asker, server] = [broker.connect(), broker.connect()];
    server.serve('a.b', ping, () => new Promise<ReturnType<typeof answerOf>>(() => {}));
    void asker.request('a.b', ping, question, { deadline: 700 });
    await clock.run(10);
    const drained = server.drain();
    await clock.run(600);
    expect(server.state).toBe('draining');
    await clock.run(100);
    await drained;
    expect(server.state).toBe('closed');
  });
});
