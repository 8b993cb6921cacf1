import type { Clock } from '@parley/prelude';
import type { Hop } from '@parley/sip-stack';

/** Milliseconds for which a hop that failed comes last. */
const rest = 60_000;
/** Hops remembered at most; the oldest go first. */
const mostRemembered = 1024;

/** Hops that did not work lately: the others of their domain are tried first. @spec RFC 3263 §4.3, RFC 3261 §21.5.4 */
export class HopRest {
  private readonly clock: Clock;
  private readonly until = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Notes a failure. */
  failed(hop: Hop): void {
    const name = nameOf(hop);
    this.until.delete(name);
    this.until.set(name, this.clock.now() + rest);
    const [oldest] = this.until.keys();
    if (this.until.size > mostRemembered && oldest !== undefined) this.until.delete(oldest);
  }

  /** Whether the hop failed lately. */
  isResting(hop: Hop): boolean {
    const until = this.until.get(nameOf(hop));
    return until !== undefined && until > this.clock.now();
  }

  /** The same hops, those that failed lately at the end. */
  order(hops: readonly Hop[]): readonly Hop[] {
    if (this.until.size === 0) return hops;
    return [...hops.filter((hop) => !this.isResting(hop)), ...hops.filter((hop) => this.isResting(hop))];
  }
}

function nameOf({ protocol, address, port }: Hop): string {
  return `${protocol} ${address} ${port}`;
}
