import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimerWheel } from '../src/index.ts';

/** Runs a wheel as a driver would, sleeping until `wakeAt`, and notes when each timer ran. */
function runToEnd(delays: readonly number[], tick: number, start = 0): number[] {
  const wheel = createTimerWheel(start, tick);
  const ran: number[] = delays.map(() => NaN);
  let now = start;
  delays.forEach((delay, i) => wheel.arm(start, delay, () => (ran[i] = now - start)));
  while (wheel.size > 0) {
    now = wheel.wakeAt();
    wheel.advance(now);
  }
  return ran;
}

describe('TimerWheel', () => {
  it('never runs a timer early, and late by less than a tick, however far ahead it is', () => {
    const delay = fc.oneof(fc.nat(3000), fc.nat(200_000), fc.nat(40_000_000), fc.nat(2_000_000_000));
    fc.assert(
      fc.property(
        fc.array(delay, { maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(10_000),
        (delays, tick, start) => {
          runToEnd(delays, tick, start).forEach((ran, i) => {
            expect(ran).toBeGreaterThanOrEqual(delays[i]!);
            expect(ran).toBeLessThan(Math.max(delays[i]!, 1) + tick);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('runs every timer once, whatever the steps in which time passes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60_000), { minLength: 1, maxLength: 50 }),
        fc.array(fc.nat(9_000), { maxLength: 30 }),
        (delays, steps) => {
          const wheel = createTimerWheel(0);
          const runs = delays.map(() => 0);
          delays.forEach((delay, i) => wheel.arm(0, delay, () => runs[i]!++));
          let now = 0;
          for (const step of [...steps, 100_000]) wheel.advance((now += step));
          expect(runs).toEqual(delays.map(() => 1));
          expect(wheel.size).toBe(0);
        },
      ),
    );
  });

  it('forgets a cancelled timer, and a second cancel is harmless', () => {
    const wheel = createTimerWheel(0);
    let ran = false;
    const timer = wheel.arm(0, 50, () => (ran = true));
    expect(timer.waiting).toBe(true);
    wheel.cancel(timer);
    wheel.cancel(timer);
    wheel.advance(1000);
    expect([ran, timer.waiting, wheel.size, wheel.wakeAt()]).toEqual([false, false, 0, Infinity]);
  });

  it('runs what a task arms without delay on a later tick, so that no task starves the worker', () => {
    const wheel = createTimerWheel(0);
    let runs = 0;
    const again = (): void => {
      runs++;
      wheel.arm(0, 0, again);
    };
    wheel.arm(0, 0, again);
    wheel.advance(100);
    expect(runs).toBe(10);
  });

  it('keeps the rest of a tick when a task throws', () => {
    const wheel = createTimerWheel(0);
    let ran = false;
    wheel.arm(0, 10, () => {
      throw new Error('task');
    });
    wheel.arm(0, 10, () => (ran = true));
    expect(() => {
      wheel.advance(10);
    }).toThrow('task');
    expect(wheel.wakeAt()).toBe(10);
    wheel.advance(10);
    expect(ran).toBe(true);
  });
});
