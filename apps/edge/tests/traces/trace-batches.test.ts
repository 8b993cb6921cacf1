import { createMemoryBroker } from '@parley/bus';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { TraceBatches } from '../../src/actors/trace-batches.ts';
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
});
