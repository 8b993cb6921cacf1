import type { Clock } from '@parley/prelude';
import { nextInterval, timerDuration, timerTable } from '../transactions/timers.ts';
import type { TimerName, TimerSettings } from '../transactions/timers.ts';
import { TimerEntry, TimerQueues } from './timer-queues.ts';

/** What the timers need of a transaction. */
export interface Timed<Self> {
  readonly flow: { readonly reliable: boolean };
  readonly deadline: TimerEntry<Self>;
  repeat: TimerEntry<Self> | undefined;
  interval: number;
}

/** Starts and stops the timers of transactions as their tables say. */
export class TransactionTimers<Owner extends Timed<Owner>> {
  private readonly settings: TimerSettings;
  private readonly queues: TimerQueues<Owner>;

  constructor(clock: Clock, settings: TimerSettings, grain: number, fire: (owner: Owner, timer: TimerName) => void) {
    this.settings = settings;
    this.queues = new TimerQueues(clock, grain, fire);
  }

  /** Starts a timer with its first interval; false when that is zero, so that it is due now. */
  arm(owner: Owner, timer: TimerName): boolean {
    const delay = timerDuration(timer, this.settings, owner.flow.reliable);
    if (delay === undefined) return true;
    if (delay === 0) return false;
    if (timerTable[timer].kind === 'repeat') this.repeat(owner, timer, delay);
    else this.queues.arm(owner.deadline, timer, delay);
    return true;
  }

  /** Starts a repeating timer with its next interval. */
  reset(owner: Owner, timer: TimerName, to: 'double' | 'T2'): void {
    this.repeat(owner, timer, to === 'T2' ? this.settings.t2 : nextInterval(timer, owner.interval, this.settings));
  }

  /** Stops one timer. */
  stop(owner: Owner, timer: TimerName): void {
    if (timerTable[timer].kind === 'repeat') owner.repeat?.leave();
    else owner.deadline.leave();
  }

  /** Stops all timers of a transaction. */
  stopAll(owner: Owner): void {
    owner.deadline.leave();
    owner.repeat?.leave();
  }

  /** The transaction whose `timer`, of unreliable transports, ends next. */
  oldest(timer: TimerName): TimerEntry<Owner> | undefined {
    const entry = this.queues.oldest(timerDuration(timer, this.settings, false) ?? 0);
    return entry?.timer === timer ? entry : undefined;
  }

  close(): void {
    this.queues.close();
  }

  private repeat(owner: Owner, timer: TimerName, delay: number): void {
    owner.interval = delay;
    owner.repeat ??= new TimerEntry(owner);
    this.queues.arm(owner.repeat, timer, delay);
  }
}
