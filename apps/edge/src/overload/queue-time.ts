import type { Clock } from '@parley/prelude';
import type { ProbeTarget, UdpProbe } from './udp-probe.ts';

/** Part of a measurement that counts at once. */
const freshness = 0.3;
/** Milliseconds after which a probe is lost. */
const patience = 2_000;

/** What the time of a queue is measured with. */
export interface QueueTimeOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly probe: Pick<UdpProbe, 'send' | 'delay' | 'isUnderway'>;
  readonly target: ProbeTarget;
  /** Milliseconds that a datagram may wait. */
  readonly delay: number;
}

/**
 * How long the kernel's queue of datagrams is in time. A datagram tells so only when it has come through, and who
 * steers by what was, swings; so it tells how long a full queue takes, by how full it was when the datagram was sent.
 */
export class QueueTime {
  private readonly options: QueueTimeOptions;
  private sentAt = -Infinity;
  private takenBefore: number | undefined;
  /** Times the milliseconds that a datagram may wait that a full queue takes; at least 1, for no part may be above what is full. */
  private length = 1;

  constructor(options: QueueTimeOptions) {
    this.options = options;
  }

  /**
   * Part of what may be in the queue that is there.
   *
   * @param taken - part of its room that is taken
   */
  taken(taken: number): number {
    const { clock, probe, target, delay } = this.options;
    const isLost = clock.now() - this.sentAt > patience;
    if (probe.isUnderway && !isLost) return taken * this.length;
    if (this.takenBefore !== undefined && !isLost) this.learn(probe.delay(0) / delay / this.takenBefore);
    this.takenBefore = Math.min(1, taken);
    this.sentAt = clock.now();
    probe.send(target);
    return taken * this.length;
  }

  /** @param length - 0 where another probe was lost */
  private learn(length: number): void {
    if (length > 0) this.length = Math.max(1, this.length + freshness * (length - this.length));
  }
}
