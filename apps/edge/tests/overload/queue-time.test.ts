import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { QueueTime } from '../../src/overload/queue-time.ts';

/** A queue that takes so many milliseconds when it is full, in front of a probe. */
function queueOf(full: number) {
  const clock = new SimulatedClock();
  const state = { taken: 0, isLost: false };
  let [underway, last] = [0, 0];
  const probe = {
    get isUnderway() {
      return underway > 0;
    },
    send() {
      const time = full * state.taken;
      underway++;
      if (!state.isLost)
        clock.after(time, () => {
          underway = 0;
          last = time;
        });
    },
    delay: () => last,
  };
  const queue = new QueueTime({ clock, probe, target: { host: '127.0.0.1', port: 1 }, delay: 200 });
  const look = (taken: number, looks: number): number => {
    let found = 0;
    for (let i = 0; i < looks; i++) {
      state.taken = taken;
      found = queue.taken(taken);
      clock.advance(10);
    }
    return found;
  };
  return { look, state };
}

describe('The time of a queue', () => {
  it('counts where a full queue takes longer than a datagram may wait', () => {
    expect(queueOf(1_000).look(0.2, 300)).toBeCloseTo(1, 1);
  });

  it('is told at once when the queue gets shorter or longer, not when a datagram has come through', () => {
    const { look } = queueOf(1_000);
    look(0.4, 500);
    expect(look(0.1, 1)).toBeCloseTo(0.5, 1);
    expect(look(0.8, 1)).toBeCloseTo(4, 0);
  });

  it('is nothing where a full queue takes less', () => {
    expect(queueOf(70).look(0.6, 300)).toBe(0.6);
  });

  it('is measured again after a datagram was lost', () => {
    const { look, state } = queueOf(1_000);
    state.isLost = true;
    look(0.2, 100);
    state.isLost = false;
    expect(look(0.2, 600)).toBeCloseTo(1, 1);
  });
});
