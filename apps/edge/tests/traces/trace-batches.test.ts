import { createMemoryBroker } from '@parley/bus';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { TraceBatches } from '../../src/actors/traces/trace-batches.ts';
import { noStep } from '../../src/traces/trace-step.ts';

describe('steps of messages on their way into their stream', () => {
  it('of one user do not crowd out those of others, and are kept again once they are stored', async () => {
    const clock = new SimulatedClock();
    const told: string[] = [];
    const telemetry = { traced: (outcome: string, steps: number) => told.push(`${outcome} ${steps}`) };
    const batches = new TraceBatches({ bus: createMemoryBroker({ clock }).connect(), clock, telemetry });
    const note = (sender: string, i: number): boolean =>
      batches.note({ ...noStep, kind: 'accepted', sender, messageId: `${sender} ${i}` });
    const kept = Array.from({ length: 30_000 }, (_, i) => note('mallory', i)).filter(Boolean).length;
    expect([kept, note('alice', 0)]).toEqual([1_000, true]);
    expect(told).toHaveLength(29_000);
    await batches.settle();
    expect(note('mallory', 30_001)).toBe(true);
  });

  it('of one user fill no more than his share of the stream, which what others notify of does not use up', async () => {
    const clock = new SimulatedClock();
    const telemetry = { traced: () => {} };
    const batches = new TraceBatches({ bus: createMemoryBroker({ clock }).connect(), clock, telemetry });
    const note = (sender: string, notifier?: string): boolean => {
      const kind = notifier === undefined ? 'accepted' : 'notified';
      return batches.note({ ...noStep, kind, sender, recipient: notifier ?? 'bob', messageId: 'm' });
    };
    for (let i = 0; i < 60; i++) {
      for (let each = 0; each < 1_000; each++) note('alice', 'mallory');
      await batches.settle();
    }
    expect([note('bob', 'mallory'), note('alice')]).toEqual([false, true]);
    await clock.run(4_000);
    expect([note('bob', 'mallory'), note('bob', 'mallory'), note('bob', 'mallory')]).toEqual([true, true, false]);
  });
});
