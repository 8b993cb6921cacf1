import type { Clock } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import { field, read } from '@parley/sip';
import type { Flow, Hop, OverloadFeedback } from '@parley/sip-stack';
import { overloadFeedback } from '@parley/sip-stack';

/** Seconds of a Retry-After that are heeded at most: who is away for longer is tried now and then. */
const longestRest = 300;
/** Hops remembered; beyond, the oldest go. */
const mostHops = 4096;

/** What a hop asked of us. */
interface Asked {
  readonly feedback: OverloadFeedback | undefined;
  /** Monotonic milliseconds up to which the feedback holds. */
  readonly heedUntil: number;
  /** Monotonic milliseconds up to which nothing is to be sent. */
  readonly restUntil: number;
}

const nothing: Asked = { feedback: undefined, heedUntil: 0, restUntil: 0 };

/**
 * What next hops ask of us when they have too much to do: to leave out a part of the requests (RFC 7339 §5.4), or to be
 * left alone for a while (503 with Retry-After, RFC 3261 §21.5.4).
 */
export class NextHopLoad {
  private readonly clock: Clock;
  /** A number from 0 to below 1. */
  private readonly uniform: () => number;
  private readonly hops = new Map<string, Asked>();

  constructor(clock: Clock, uniform: () => number) {
    this.clock = clock;
    this.uniform = uniform;
  }

  /** Whether the next request may go to the hop. */
  admits(hop: Hop): boolean {
    if (this.hops.size === 0) return true;
    const { feedback, heedUntil, restUntil } = this.hops.get(nameOf(hop.protocol, hop)) ?? nothing;
    const now = this.clock.now();
    if (restUntil > now) return false;
    return feedback === undefined || heedUntil <= now || this.uniform() * 100 >= feedback.loss;
  }

  /** A response came; where it asks for nothing this costs a look at its status and its Via. */
  heard(response: SipResponse, flow: Flow): void {
    const feedback = overloadFeedback(response);
    if (response.statusCode !== 503 && feedback === undefined) return;
    const name = nameOf(flow.protocol, flow.remote);
    const known = this.hops.get(name) ?? nothing;
    const asked = this.resting(this.heeding(known, feedback), response);
    if (asked === known) return;
    this.hops.delete(name);
    this.hops.set(name, asked);
    const [oldest] = this.hops.keys();
    if (this.hops.size > mostHops && oldest !== undefined) this.hops.delete(oldest);
  }

  /** Late responses tell nothing new. @spec RFC 7339 §4.4, §5.4 */
  private heeding(known: Asked, feedback: OverloadFeedback | undefined): Asked {
    if (feedback === undefined) return known;
    const now = this.clock.now();
    const isOld = known.heedUntil > now && feedback.sequence <= (known.feedback?.sequence ?? -1);
    return isOld ? known : { ...known, feedback, heedUntil: now + feedback.validity };
  }

  private resting(known: Asked, response: SipResponse): Asked {
    if (response.statusCode !== 503) return known;
    const later = read(response, field.retryAfter);
    if (!later.ok || later.value === undefined || later.value.seconds === 0) return known;
    return { ...known, restUntil: this.clock.now() + Math.min(longestRest, later.value.seconds) * 1000 };
  }
}

function nameOf(protocol: string, { address, port }: { readonly address: string; readonly port: number }): string {
  return `${protocol} ${address} ${port}`;
}
