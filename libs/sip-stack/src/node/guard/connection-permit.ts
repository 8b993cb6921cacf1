import type { AddressAccount } from './address-account.ts';
import type { GuardLimits } from './guard-limits.ts';
import type { PeerPermit } from './peer-permit.ts';
import { harder, RateMeter } from './rate-meter.ts';
import type { Verdict } from './verdict.ts';

/** What a connection may, besides what its address may. */
export class ConnectionPermit implements PeerPermit {
  readonly #address: AddressAccount;
  readonly #messages: RateMeter;
  readonly #octets: RateMeter;
  readonly #now: () => number;
  readonly #ended: () => void;
  #vouched: boolean;
  #ofOctets: Verdict = 'pass';

  /** @param vouched - whether we opened the connection ourselves */
  constructor(
    address: AddressAccount,
    limits: GuardLimits,
    now: () => number,
    vouched: boolean,
    ended: () => void = () => {},
  ) {
    this.#address = address;
    this.#messages = new RateMeter(limits.connectionMessages);
    this.#octets = new RateMeter(limits.connectionOctets);
    this.#now = now;
    this.#vouched = vouched;
    this.#ended = ended;
    if (!vouched) address.unauthenticated++;
  }

  octets(count: number): Verdict {
    const now = this.#now();
    this.#ofOctets = harder(this.#octets.take(count, now), this.#address.octets(count, now));
    return this.#ofOctets;
  }

  message(): Verdict {
    const now = this.#now();
    const own = harder(this.#messages.take(1, now), this.#ofOctets);
    return harder(own, this.#address.message(now));
  }

  vouch(): void {
    if (this.#vouched) return;
    this.#vouched = true;
    this.#address.unauthenticated--;
  }

  end(): void {
    this.vouch();
    this.#ended();
  }
}
