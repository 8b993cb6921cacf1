import type { GuardLimits } from './guard-limits.ts';
import type { PeerPermit } from './peer-permit.ts';
import { harder, RateMeter } from './rate-meter.ts';
import type { Verdict } from './verdict.ts';

/** What one address used up, over all transports; the permit of what it sends over UDP. */
export class AddressAccount implements PeerPermit {
  connections = 0;
  unauthenticated = 0;
  readonly #messages: RateMeter;
  readonly #octets: RateMeter;
  readonly #now: () => number;
  /** What the octets at hand deserve; their messages share it. */
  #ofOctets: Verdict = 'pass';

  constructor({ addressMessages, addressOctets }: GuardLimits, now: () => number) {
    this.#messages = new RateMeter(addressMessages);
    this.#octets = new RateMeter(addressOctets);
    this.#now = now;
  }

  octets(count: number, now = this.#now()): Verdict {
    this.#ofOctets = this.#octets.take(count, now);
    return this.#ofOctets;
  }

  message(now = this.#now()): Verdict {
    return harder(this.#messages.take(1, now), this.#ofOctets);
  }

  vouch(): void {}

  end(): void {}
}
