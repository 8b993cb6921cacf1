import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/actors/pacer.ts';
import type { Forwarder } from '../../src/hub/audience.ts';

/** Whoever speaks, and can be made to wait. */
function speaker() {
  return {
    isOpen: true,
    isHeld: false,
    hold() {
      this.isHeld = true;
    },
    letGo() {
      this.isHeld = false;
    },
  };
}

/** Somebody who takes things slowly, but takes something in any second. */
class SlowHearer implements Forwarder {
  readonly isOpen = true;
  isBehind = true;
  private readonly clock: SimulatedClock;
  private checkedAt = 0;

  constructor(clock: SimulatedClock) {
    this.clock = clock;
  }

  checkProgress(): void {
    this.isBehind = this.clock.now() - this.checkedAt > 1000;
    this.checkedAt = this.clock.now();
  }

  deliver(): void {}
}

describe('Who speaks to somebody who is behind', () => {
  it('waits as long as something is taken, however many wait for the same', () => {
    const clock = new SimulatedClock();
    const pacer = new Pacer({ clock });
    const hearer = new SlowHearer(clock);
    const speakers = Array.from({ length: 3 }, speaker);
    for (const one of speakers) {
      pacer.hold(one, { recipients: [], beyond: [hearer] });
      clock.advance(20);
    }
    clock.advance(60_000);
    expect(speakers.map(({ isHeld }) => isHeld)).toEqual([true, true, true]);
    hearer.isBehind = false;
    clock.advance(20);
    expect(speakers.map(({ isHeld }) => isHeld)).toEqual([false, false, false]);
  });
});
