import { createTimerWheel } from '@parley/prelude';
import type { Cancel, Clock, TimerWheel } from '@parley/prelude';

/** How a {@link SystemClock} keeps its timers. */
export interface SystemClockOptions {
  /** Resolution of the wheel in milliseconds; default 10. */
  readonly tick?: number;
  /** Whether a waiting timer keeps the process alive; default false, so that a drained service runs out of work. */
  readonly keepAlive?: boolean;
}

/** The machine's time, with one timer wheel and at most one native timer for all that wait. */
export class SystemClock implements Clock {
  private readonly wheel: TimerWheel;
  private readonly keepAlive: boolean;
  private native: NodeJS.Timeout | undefined;
  /** When the native timer fires; Infinity when none is set. */
  private wakesAt = Infinity;

  constructor({ tick = 10, keepAlive = false }: SystemClockOptions = {}) {
    this.wheel = createTimerWheel(performance.now(), tick);
    this.keepAlive = keepAlive;
  }

  now(): number {
    return performance.now();
  }

  wallTime(): number {
    return Date.now();
  }

  after(delay: number, task: () => void): Cancel {
    const now = performance.now();
    const timer = this.wheel.arm(now, delay, task);
    // The wheel rounds up, so that this may wake it a tick before the timer is due; never after.
    if (now + delay < this.wakesAt) this.sleepUntil(this.wheel.wakeAt(), now);
    return () => {
      this.wheel.cancel(timer);
    };
  }

  private sleepUntil(at: number, now: number): void {
    clearTimeout(this.native);
    this.wakesAt = at;
    if (at === Infinity) return;
    // Longer waits than a native timer takes are slept in parts.
    this.native = setTimeout(this.wake, Math.min(Math.max(1, Math.ceil(at - now)), 2 ** 31 - 1));
    if (!this.keepAlive) this.native.unref();
  }

  private readonly wake = (): void => {
    this.wakesAt = Infinity;
    try {
      this.wheel.advance(performance.now());
    } finally {
      this.sleepUntil(this.wheel.wakeAt(), performance.now());
    }
  };
}

/** The clock of this worker; everything in it that waits shares one wheel. */
export const systemClock: Clock = new SystemClock();
