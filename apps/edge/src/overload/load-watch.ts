import type { Cancel, Clock } from '@parley/prelude';
import type { Overload } from './overload.ts';
import type { ProbeTarget, UdpProbe } from './udp-probe.ts';

/** Milliseconds between two measurements. */
const period = 100;

/** What a watch is built from. */
export interface LoadWatchOptions {
  readonly clock: Clock;
  readonly overload: Overload;
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

  constructor(options: LoadWatchOptions) {
    this.options = options;
    this.arm();
  }

  private arm(): void {
    const { clock, probe, target } = this.options;
    this.due = clock.now() + period;
    probe.send(target);
    this.cancel = clock.after(period, () => {
      this.measure();
      this.arm();
    });
  }

  private measure(): void {
    const { clock, overload, probe, delay, waiting, mostWaiting, thrownAway } = this.options;
    const late = clock.now() - this.due;
    const crowded = (waiting() / mostWaiting) * delay;
    const inQueue = probe.delay(lostCounts * delay);
    overload.measured(Math.max(late, crowded), thrownAway() > mostThrownAway ? 0 : inQueue);
  }

  [Symbol.dispose](): void {
    this.cancel?.();
  }
}

/**
 * Messages thrown away in a period above which it is those that fill the queue: to give up what others send would not
 * empty it.
 */
const mostThrownAway = 100;

/** Times the target that a lost datagram counts: a small queue of the kernel is full before it is slow. */
const lostCounts = 4;
