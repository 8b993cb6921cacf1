import type { Cancel, Clock } from '@parley/prelude';
import type { Overload } from './overload.ts';
import type { ProbeTarget, UdpProbe } from './udp-probe.ts';

/** Milliseconds between two measurements. */
const period = 100;
/** Milliseconds between two looks at the queue of the kernel, which has room for some milliseconds of load. */
const queuePeriod = 10;
/** Times the target that a full queue counts: half full is as it should be. */
const fullCounts = 2;

/** What a watch is built from. */
export interface LoadWatchOptions {
  readonly clock: Clock;
  readonly overload: Overload;
  /** Part of the kernel's queue of datagrams that is taken, 2 when it threw some away; undefined, the probe tells. */
  readonly fill: () => number | undefined;
  readonly probe: Pick<UdpProbe, 'send' | 'delay'>;
  readonly target: ProbeTarget;
  /** Milliseconds that a request may wait. */
  readonly delay: number;
  /** Requests that wait for an answer from elsewhere, and how many may. */
  readonly waiting: () => number;
  readonly mostWaiting: number;
  /** Messages that were over the limits of their senders since it was last asked. */
  readonly thrownAway: () => number;
}

/**
 * Measures how long requests wait here: by how much a timer is late, which is what a connection's octets wait; what a
 * datagram waits; and, where others are slow, how many requests wait for them.
 */
export class LoadWatch implements Disposable {
  private readonly options: LoadWatchOptions;
  private due = 0;
  private cancel: Cancel | undefined;
  private cancelQueue: Cancel | undefined;
  /** Whether it is a flood that fills the queue. */
  private isFlooded = false;

  constructor(options: LoadWatchOptions) {
    this.options = options;
    this.arm();
    if (options.fill() !== undefined) this.armQueue();
  }

  private arm(): void {
    const { clock, probe, target } = this.options;
    this.due = clock.now() + period;
    if (this.cancelQueue === undefined) probe.send(target);
    this.cancel = clock.after(period, () => {
      this.measure();
      this.arm();
    });
  }

  private measure(): void {
    const { clock, overload, probe, delay, waiting, mostWaiting, thrownAway } = this.options;
    const late = clock.now() - this.due;
    const crowded = (waiting() / mostWaiting) * delay;
    this.isFlooded = thrownAway() > mostThrownAway;
    const inQueue = this.cancelQueue === undefined ? probe.delay(lostCounts * delay) : undefined;
    overload.measured(Math.max(late, crowded), this.isFlooded && inQueue !== undefined ? 0 : inQueue);
  }

  private armQueue(): void {
    const { clock, overload, delay, fill } = this.options;
    this.cancelQueue = clock.after(queuePeriod, () => {
      const taken = fill() ?? 0;
      overload.queueMeasured(this.isFlooded ? 0 : fullCounts * taken * delay);
      this.armQueue();
    });
  }

  [Symbol.dispose](): void {
    this.cancel?.();
    this.cancelQueue?.();
  }
}

/**
 * Messages thrown away in a period above which it is those that fill the queue: to give up what others send would not
 * empty it.
 */
const mostThrownAway = 100;

/** Times the target that a lost datagram counts: a small queue of the kernel is full before it is slow. */
const lostCounts = 4;
