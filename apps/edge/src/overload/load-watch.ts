import type { Cancel, Clock } from '@parley/prelude';
import { leastLetIn, partLetIn } from './admission.ts';
import { highestBesideThinning } from './load-control.ts';
import type { Overload } from './overload.ts';
import { QueueTime } from './queue-time.ts';
import type { ProbeTarget, UdpProbe } from './udp-probe.ts';

/** Milliseconds between two measurements. */
const period = 100;
/** Milliseconds between two looks at the queue of the kernel while there is something in it: it has room for some of load. */
const queuePeriod = 10;
/** Part of the queue from which on it is looked at so often. */
export const worthWatching = 0.05;
/** Looks in a row that find less, after which it is not any more: who is idle is not to be woken. */
const calmLooks = 20;
/** Times the target that a full queue counts: half full is as it should be. */
const fullCounts = 2;

/** What a watch is built from. */
export interface LoadWatchOptions {
  readonly clock: Clock;
  readonly overload: Overload;
  /** Milliseconds for which the process has had nothing to do so far. */
  readonly idle: () => number;
  /** Milliseconds for which octets of connections waited that were read since it was last asked. */
  readonly inStreams: () => number;
  /** Part of the kernel's queue of datagrams that is taken, 2 when it threw some away; undefined, the probe tells. */
  readonly fill: () => number | undefined;
  /** Has the kernel let in only a part of the requests that can wait; whether it can. */
  readonly letIn: (part: number) => boolean;
  readonly probe: Pick<UdpProbe, 'send' | 'delay' | 'isUnderway'>;
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
 * Measures how long requests wait here: by how much a timer is late although there was always something to do; what a
 * connection's octets wait, and a datagram; and, where others are slow, how many requests wait for them.
 *
 * @note a process that does not get to run is late too. What has nothing to do in between has taken all that came, and is
 * not overloaded, however late it is; what never has cannot take more, whoever uses the machine
 */
export class LoadWatch implements Disposable {
  private readonly options: LoadWatchOptions;
  private due = 0;
  private idleBefore = 0;
  private cancel: Cancel | undefined;
  private cancelQueue: Cancel | undefined;
  private calm = 0;
  /** Part of the requests that can wait which the kernel lets in. */
  private part = 1;
  private fillBefore = 0;
  private readonly queue: QueueTime;
  /** Whether the kernel tells of its queue, so that no probe is needed while there is little in it. */
  private readonly isTold: boolean;
  /** Whether it is a flood that fills the queue. */
  private isFlooded = false;

  constructor(options: LoadWatchOptions) {
    this.options = options;
    this.isTold = options.fill() !== undefined;
    this.queue = new QueueTime(options);
    this.arm();
  }

  private arm(): void {
    const { clock, probe, target, idle } = this.options;
    this.due = clock.now() + period;
    this.idleBefore = idle();
    if (!this.isTold) probe.send(target);
    this.cancel = clock.after(period, () => {
      this.measure();
      this.arm();
    });
  }

  private measure(): void {
    const { overload, probe, delay, waiting, mostWaiting, thrownAway, inStreams } = this.options;
    const crowded = (waiting() / mostWaiting) * delay;
    this.isFlooded = thrownAway() > mostThrownAway;
    const inQueue = this.isTold ? undefined : probe.delay(lostCounts * delay);
    const ofDatagrams = this.isFlooded && inQueue !== undefined ? 0 : inQueue;
    overload.measured(Math.max(this.late(), crowded), ofDatagrams, inStreams());
    if (this.isTold && this.cancelQueue === undefined) this.lookAtQueue();
  }

  /** Milliseconds by which the timer is late, less those in which there was nothing to do. */
  private late(): number {
    const { clock, idle } = this.options;
    return Math.max(0, clock.now() - this.due - (idle() - this.idleBefore));
  }

  /**
   * What counts is part of the queue's room, or of the time that a datagram may wait in it: a queue with room left is too long for
   * a slow processor, and what is answered after T1 comes twice (RFC 3261 §17.1.2.2).
   */
  private lookAtQueue(): void {
    const { overload, delay, letIn } = this.options;
    const fill = this.options.fill() ?? 0;
    const taken = fill > worthWatching && fill <= 1 ? Math.min(1, this.queue.taken(fill)) : fill;
    this.part = partLetIn(this.part, taken, fill < this.fillBefore);
    this.fillBefore = fill;
    const isThinned = letIn(this.part);
    if (!isThinned) this.part = 1;
    // What is not let in would fill it.
    const wanted = this.part < 1 ? Math.max(1, taken) : taken;
    const most = isThinned && this.part > leastLetIn ? highestBesideThinning : undefined;
    overload.queueMeasured(this.isFlooded ? 0 : fullCounts * wanted * delay, most);
    this.calm = taken > worthWatching || overload.shedsDatagrams || this.part < 1 ? 0 : this.calm + 1;
    this.cancelQueue = undefined;
    if (this.calm < calmLooks) this.watchQueue();
  }

  private watchQueue(): void {
    this.cancelQueue = this.options.clock.after(queuePeriod, () => {
      this.lookAtQueue();
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
