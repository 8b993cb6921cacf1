import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../src/simulated-clock.ts';

describe('SimulatedClock', () => {
  it('runs tasks in the order of their times, and equal times as they came', () => {
    const clock = new SimulatedClock();
    const ran: string[] = [];
    clock.after(20, () => ran.push('c'));
    clock.after(10, () => ran.push('a'));
    clock.after(10, () => ran.push('b'));
    clock.advance(20);
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('shows each task the time that it asked for, and runs what tasks add on the way', () => {
    const clock = new SimulatedClock();
    const times: number[] = [];
    clock.after(10, () => clock.after(5, () => times.push(clock.now())));
    clock.advance(100);
    expect(times).toEqual([15]);
    expect([clock.now(), clock.pending, clock.nextAt]).toEqual([100, 0, Infinity]);
  });

  it('forgets what was cancelled', () => {
    const clock = new SimulatedClock();
    const cancel = clock.after(1, () => expect.unreachable());
    cancel();
    cancel();
    clock.advance(10);
    expect(clock.pending).toBe(0);
  });

  it('lets promises settle between tasks when it runs', async () => {
    const clock = new SimulatedClock();
    const times: number[] = [];
    clock.after(10, () => {
      void Promise.resolve().then(() => clock.after(10, () => times.push(clock.now())));
    });
    await clock.run(100);
    expect(times).toEqual([20]);
  });
});
