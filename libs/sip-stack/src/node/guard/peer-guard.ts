// The global of that name is a getter, which costs as much as the clock.
import { performance } from 'node:perf_hooks';
import { RecentMap } from '../recent-map.ts';
import { AddressAccount } from './address-account.ts';
import { ConnectionPermit } from './connection-permit.ts';
import { defaultGuardLimits } from './guard-limits.ts';
import type { GuardLimits } from './guard-limits.ts';
import { networkOf } from './network-of.ts';
import type { PeerPermit } from './peer-permit.ts';
import { unlimited } from './peer-permit.ts';

/** What a guard is built from. */
export interface PeerGuardOptions {
  readonly limits?: Partial<GuardLimits>;
  /** Addresses without limits of their own: neighbours of ours. Nobody by default. */
  readonly isTrusted?: (address: string) => boolean;
  /** Monotonic milliseconds; by default of the process. */
  readonly now?: () => number;
}

/** Knows how much every address sends and holds, over all the transports that share it. */
export interface PeerGuard {
  /** The permit of a connection from an address; undefined when it has to be closed at once. */
  accept(address: string): PeerPermit | undefined;
  /** The permit of a connection that we opened. */
  dial(address: string): PeerPermit;
  /** The permit of datagrams from an address. */
  datagrams(address: string): PeerPermit;
  /** Connections accepted and open. */
  readonly connections: number;
  /** Addresses remembered. */
  readonly addresses: number;
}

class Guard implements PeerGuard {
  connections = 0;
  readonly #limits: GuardLimits;
  readonly #isTrusted: (address: string) => boolean;
  readonly #now: () => number;
  /** Those with connections, which must not be forgotten. */
  readonly #connected = new Map<string, AddressAccount>();
  readonly #recent: RecentMap<string, AddressAccount>;

  constructor({ limits, isTrusted = () => false, now = () => performance.now() }: PeerGuardOptions) {
    this.#limits = { ...defaultGuardLimits, ...limits };
    this.#isTrusted = isTrusted;
    this.#now = now;
    this.#recent = new RecentMap(this.#limits.addresses);
  }

  get addresses(): number {
    return this.#connected.size + this.#recent.size;
  }

  accept(address: string): PeerPermit | undefined {
    if (this.connections >= this.#limits.connections) return undefined;
    if (this.#isTrusted(address)) return this.#counted();
    const network = networkOf(address);
    const account = this.#accountOf(network);
    const { addressConnections, unauthenticatedConnections } = this.#limits;
    if (account.connections >= addressConnections) return undefined;
    if (account.unauthenticated >= unauthenticatedConnections) return undefined;
    return this.#admit(network, account);
  }

  dial(address: string): PeerPermit {
    if (this.#isTrusted(address)) return unlimited;
    return new ConnectionPermit(this.#accountOf(networkOf(address)), this.#limits, this.#now, true);
  }

  datagrams(address: string): PeerPermit {
    return this.#isTrusted(address) ? unlimited : this.#accountOf(networkOf(address));
  }

  #accountOf(network: string): AddressAccount {
    const known = this.#connected.get(network) ?? this.#recent.get(network);
    if (known !== undefined) return known;
    const account = new AddressAccount(this.#limits, this.#now);
    this.#recent.set(network, account);
    return account;
  }

  #admit(network: string, account: AddressAccount): PeerPermit {
    this.connections++;
    if (account.connections++ === 0) {
      this.#recent.delete(network);
      this.#connected.set(network, account);
    }
    return new ConnectionPermit(account, this.#limits, this.#now, false, () => {
      this.connections--;
      if (--account.connections > 0) return;
      this.#connected.delete(network);
      this.#recent.set(network, account);
    });
  }

  /** A connection that counts for the whole alone. */
  #counted(): PeerPermit {
    this.connections++;
    return { ...unlimited, end: () => this.connections-- };
  }
}

/** Builds a guard; give the same one to all transports of a server. */
export function createPeerGuard(options: PeerGuardOptions = {}): PeerGuard {
  return new Guard(options);
}
