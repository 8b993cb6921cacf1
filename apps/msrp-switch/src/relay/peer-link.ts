import type { media } from '@parley/contracts';
import type { Flushable, Flusher } from '../connection/flusher.ts';

/** Bounds of what is on its way to another switch. */
export interface LinkLimits {
  /** Octets on the way above which it counts as behind, so that who speaks to it has to wait. */
  readonly behindBytes: number;
  /** Octets on the way above which it is sent nothing new: it is gone, or as good as. */
  readonly fullBytes: number;
}

/** Bounds that keep a fast network busy, and memory small. */
export const defaultLinkLimits: LinkLimits = { behindBytes: 1024 * 1024, fullBytes: 16 * 1024 * 1024 };

/** Octets from which a batch goes at once; well below the payload limit of NATS. */
const batchBytes = 256 * 1024;

/** Octets dealt with after which the other side is told, though there is nothing else to say. */
const tellAfter = 128 * 1024;

/** Octets of an item beside its chunk, roughly: what its names take. */
const itemBytes = 200;

/**
 * What this switch and another one have for each other: the news of one turn of the event loop travel together, and each
 * says how much it has dealt with, so that neither gathers more than its bounds.
 */
export class PeerLink implements Flushable {
  readonly instance: string;
  /** Whether nothing of what it said is acknowledged for the moment, so that its speakers have to wait. */
  isHeld = false;
  readonly isOpen = true;
  /** Probes in a row that nobody answered. */
  missed = 0;
  private readonly flusher: Flusher;
  private readonly limits: LinkLimits;
  private readonly publish: (batch: Omit<media.MediaBatch, 'from'>) => void;
  private items: media.HubNews[] = [];
  private octets = 0;
  private isScheduled = false;
  private sent = 0;
  private taken = 0;
  private heard = 0;
  private told = 0;
  private isSilent = false;
  private takenAtCheck = -1;
  /** Whether it said anything since the last check. */
  private hasSpoken = false;

  constructor(
    instance: string,
    flusher: Flusher,
    publish: (batch: Omit<media.MediaBatch, 'from'>) => void,
    limits: LinkLimits = defaultLinkLimits,
  ) {
    this.instance = instance;
    this.flusher = flusher;
    this.publish = publish;
    this.limits = limits;
  }

  /** Whether much is on its way, and the other side is dealing with it. */
  get isBehind(): boolean {
    return this.sent - this.taken > this.limits.behindBytes && !this.isSilent;
  }

  /** Whether it takes nothing new. */
  get isFull(): boolean {
    return this.sent - this.taken > this.limits.fullBytes;
  }

  /** Adds news; `octets` of a chunk count against the bounds. */
  add(item: media.HubNews, octets = 0): void {
    this.items.push(item);
    this.sent += octets;
    this.octets += octets + itemBytes;
    if (this.octets >= batchBytes) this.flush();
    else this.schedule();
  }

  flush(): void {
    this.isScheduled = false;
    const { items, heard } = this;
    if (items.length === 0 && (this.isHeld || heard === this.told)) return;
    this.items = [];
    this.octets = 0;
    if (!this.isHeld) this.told = heard;
    this.publish({ items, sent: this.sent, taken: this.told });
  }

  /** What the other side said of the octets both ways. */
  note({ sent, taken }: Pick<media.MediaBatch, 'sent' | 'taken'>): void {
    this.heard = sent;
    this.isSilent = false;
    this.hasSpoken = true;
    this.taken = Math.max(this.taken, taken);
    if (Math.abs(this.heard - this.told) >= tellAfter && !this.isHeld) this.schedule();
  }

  /** Acknowledges nothing until {@link letGo}: most of those here who hear it are behind. */
  hold(): void {
    this.isHeld = true;
  }

  letGo(): void {
    this.isHeld = false;
    this.schedule();
  }

  /** Says, while nothing is acknowledged, that this switch is there all the same: the slow ones here are taking something. */
  pulse(): void {
    if (this.isHeld) this.publish({ items: [], sent: this.sent, taken: this.told });
  }

  /**
   * Notes when the other side dealt with nothing since the last call, and said nothing: it then no longer counts as behind,
   * but as silent, and is asked by an empty batch.
   */
  checkProgress(): void {
    this.isSilent = this.takenAtCheck === this.taken && !this.hasSpoken;
    this.takenAtCheck = this.taken;
    this.hasSpoken = false;
    if (this.isSilent) this.publish({ items: [], sent: this.sent, taken: this.told });
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.flusher.schedule(this);
  }
}
