import type { Clock, Random } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import type { OverloadFeedback } from '@parley/sip-stack';
import { highestOverConnections, lossOf, noLoad, observeLoad } from './load-control.ts';
import type { Load, RequestKind } from './load-control.ts';
import { mixed } from '../routing/loop-mark.ts';
import { isDirect, kindOf } from './request-kind.ts';

/** What becomes of a new request. */
export type Fate =
  | { readonly kind: 'take' }
  /** 503; `retryAfter` in seconds where the sender is not to come back at once. */
  | { readonly kind: 'refuse'; readonly retryAfter: number | undefined };

/** What an overload control is built from. */
export interface OverloadOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds that a request may wait; 0, nothing is ever given up. */
  readonly target: number;
}

/**
 * Requests over connections taken for each that is refused. To refuse costs a third of what it costs to serve: who answered all that he
 * cannot take would at some load do nothing else.
 */
const takenForRefused = 8;
/** Refusals that may come in a row. */
const mostSaved = 100;
/** Seconds to come back after: a second at least, and not all at once. */
const leastWait = 1;
const mostWait = 5;
/** Milliseconds for which what is told to a neighbour holds. @spec RFC 7339 §4.3 */
const validity = 500;

const take: Fate = { kind: 'take' };

/**
 * Gives up what a server cannot take, by kind and by measured delay (RFC 7339 §5.10.2, RFC 3428 §8), by 503. Over a
 * connection only a part of it is, and the rest taken, for there the sender waits until we read. No datagram that was read is
 * dropped for it: it comes again ten times (RFC 3261 §17.1.2.2, Timer E), which costs more than an answer. What cannot be
 * answered either is not read at all, see `admission.ts`.
 */
export class Overload {
  private readonly options: OverloadOptions;
  /** Of all, and of what comes in datagrams, which wait in a queue of their own besides. */
  private load: Load = noLoad;
  private datagramLoad: Load = noLoad;
  private measuredAt: number;
  private queueMeasuredAt: number;
  /** Milliseconds that any request waited when it was last measured. */
  private delay = 0;
  private saved = mostSaved;
  private sequence = 0;
  private seed: number;
  private readonly nameSeed: number;

  constructor(options: OverloadOptions) {
    this.options = options;
    this.measuredAt = options.clock.now();
    this.queueMeasuredAt = this.measuredAt;
    this.seed = options.random.bytes(4).reduce((number, octet) => number * 256 + octet, 1) % seedRange;
    this.nameSeed = this.seed;
  }

  /** The load as it is known now: that of datagrams, which is never less. */
  get current(): Load {
    return this.datagramLoad;
  }

  /**
   * Takes a measurement.
   *
   * @param delay - milliseconds that any request waits
   * @param inQueue - milliseconds that a datagram waits; without it they are measured by {@link queueMeasured}
   * @param inStreams - milliseconds that what comes over connections waits besides
   */
  measured(delay: number, inQueue?: number, inStreams = 0): void {
    const { target, clock } = this.options;
    if (target === 0) return;
    const now = clock.now();
    const before = lossOf(this.load, 'message');
    const elapsed = now - this.measuredAt;
    this.load = observeLoad(this.load, Math.max(delay, inStreams), target, elapsed, highestOverConnections);
    this.delay = delay;
    this.measuredAt = now;
    if (inQueue !== undefined) this.queueMeasured(inQueue);
    if (lossOf(this.load, 'message') !== before || this.sequence === 0) this.sequence = clock.wallTime() / 1000;
  }

  /**
   * Takes a measurement of the queue of datagrams alone, which is full in less time than others are slow.
   *
   * @param most - level that is not exceeded, where there are other means
   */
  queueMeasured(inQueue: number, most?: number): void {
    const { target, clock } = this.options;
    if (target === 0) return;
    const now = clock.now();
    const elapsed = now - this.queueMeasuredAt;
    this.datagramLoad = observeLoad(this.datagramLoad, Math.max(this.delay, inQueue), target, elapsed, most);
    this.queueMeasuredAt = now;
  }

  /** Whether some of what comes in datagrams is given up. */
  get shedsDatagrams(): boolean {
    return this.datagramLoad.level > 0;
  }

  /**
   * What becomes of a new request.
   *
   * @param reliable - whether it came over a connection
   */
  fateOf(request: SipRequest, reliable: boolean): Fate {
    const load = reliable ? this.load : this.datagramLoad;
    return load.level === 0 ? take : this.fateOfKind(kindOf(request), isDirect(request), reliable);
  }

  /**
   * {@link fateOf}, of a request of which no more is known.
   *
   * @param name - what is the same in each copy of the request, where its refusal is not remembered: then they share their
   * fate for as long as the load is the same, and nobody who was refused has the next copy taken (RFC 3261 §8.2.7)
   */
  fateOfKind(kind: RequestKind, direct: boolean, reliable: boolean, name?: string): Fate {
    const load = reliable ? this.load : this.datagramLoad;
    const loss = lossOf(load, kind);
    if (loss === 0 || (reliable && this.saved < 1) || this.draw(name) >= loss) {
      this.saved = Math.min(mostSaved, this.saved + 1 / takenForRefused);
      return take;
    }
    if (reliable) this.saved--;
    return { kind: 'refuse', retryAfter: direct ? this.retryAfter() : undefined };
  }

  /** What a neighbour is told that heeds it. */
  feedback(): OverloadFeedback {
    const loss = Math.round(100 * lossOf(this.load, 'message'));
    const sequence = this.sequence === 0 ? this.options.clock.wallTime() / 1000 : this.sequence;
    return { loss, validity: loss === 0 ? 0 : validity, sequence };
  }

  /** A number from 0 to below 1. Nobody gains by guessing it, so that it may be cheap. */
  uniform(): number {
    this.seed = (this.seed * 48_271) % seedRange;
    return this.seed / seedRange;
  }

  /** A number from 0 to below 1, the same for the same name. */
  private draw(name: string | undefined): number {
    if (name === undefined) return this.uniform();
    // Names that differ in their end alone have hashes whose highest bits are almost the same.
    const hash = mixed(this.nameSeed, name);
    const spread = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (Math.imul(spread ^ (spread >>> 13), 0xc2b2ae35) >>> 0) / 2 ** 32;
  }

  /** Not for a proxy, which would keep everybody's requests back for as long. @spec RFC 7339 §5.10.2 */
  private retryAfter(): number {
    return leastWait + Math.floor(this.uniform() * mostWait);
  }
}

/** Modulus of the generator of Park and Miller; its products stay below 2^53. */
const seedRange = 2_147_483_647;
