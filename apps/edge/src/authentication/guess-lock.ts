import type { Clock } from '@parley/prelude';
import type { Flow } from '@parley/sip-stack';
import { networkOf, RecentMap } from '@parley/sip-stack/node';
import { afterFailure, shutFor } from './lock.ts';
import type { Lock, LockRules } from './lock.ts';

/** What is locked by guessing. */
export type LockedThing = 'pair' | 'address' | 'account';

/** How many wrong passwords lock what. */
export type LockTries = Readonly<Record<LockedThing, number>>;

/** What a guess lock is built from. */
export interface GuessLockOptions {
  readonly clock: Clock;
  readonly tries: LockTries;
  /** Hears when something becomes locked. */
  readonly onLocked?: (what: LockedThing, account: string, address: string, seconds: number) => void;
}

/**
 * An account is locked at one address first and longest; the address, for many accounts, and the account, for many
 * addresses, later. An account is never locked for long: who guesses from everywhere must not keep its owner out.
 */
const patience: Readonly<Record<LockedThing, Omit<LockRules, 'tries'>>> = {
  pair: { first: 5_000, longest: 900_000, memory: 900_000 },
  address: { first: 5_000, longest: 900_000, memory: 900_000 },
  account: { first: 5_000, longest: 60_000, memory: 900_000 },
};

/** Locks of a kind, and pairs known to be good, that are remembered; beyond it those that stirred longest ago go. */
const remembered = 65_536;
/** Characters of a name that count: more than an account may have, and what a stranger can make us keep. */
const longestName = 128;

/**
 * Slows the guessing of passwords. An account that was proved from an address is asked there only for the lock of the
 * two together, and over the very connection or UDP port that proved it for none, until a wrong password comes there:
 * nobody can lock a user out of the phone in his hand. Each edge counts for itself, so that guessing at all of them is
 * as many times faster.
 */
export class GuessLock {
  private readonly options: GuessLockOptions;
  private readonly locks: Readonly<Record<LockedThing, RecentMap<string, Lock>>> = {
    pair: new RecentMap(remembered),
    address: new RecentMap(remembered),
    account: new RecentMap(remembered),
  };
  /** Pairs of account and address that were proved. */
  private readonly known = new RecentMap<string, true>(remembered);
  /** The account proved last over a flow. */
  private readonly proven = new WeakMap<Flow, string>();

  constructor(options: GuessLockOptions) {
    this.options = options;
  }

  /** Whole seconds until a password for the account is looked at again when it comes over this flow; 0, now. */
  wait(account: string, flow: Flow): number {
    if (this.proven.get(flow) === account) return 0;
    const keys = keysOf(account, flow);
    const things: readonly LockedThing[] = this.known.get(keys.pair) === true ? pairAlone : all;
    const now = this.options.clock.now();
    const wait = Math.max(...things.map((what) => shutFor(this.locks[what].get(keys[what]), now)));
    return Math.ceil(wait / 1000);
  }

  /** Whether the flow has proved an account. */
  knows(flow: Flow): boolean {
    return this.proven.has(flow);
  }

  /** A wrong password came. */
  failed(account: string, flow: Flow): void {
    if (this.proven.get(flow) === account) this.proven.delete(flow);
    const keys = keysOf(account, flow);
    const now = this.options.clock.now();
    for (const what of all) {
      const rules = { ...patience[what], tries: this.options.tries[what] };
      const lock = afterFailure(this.locks[what].get(keys[what]), rules, now);
      this.locks[what].set(keys[what], lock);
      if (lock.failures === rules.tries) {
        this.options.onLocked?.(what, keys.account, keys.address, shutFor(lock, now) / 1000);
      }
    }
  }

  /** The right password came. */
  proved(account: string, flow: Flow): void {
    if (this.proven.get(flow) === account) return;
    this.proven.set(flow, account);
    const { pair } = keysOf(account, flow);
    this.known.set(pair, true);
    this.locks.pair.delete(pair);
  }
}

const all: readonly LockedThing[] = ['pair', 'address', 'account'];
const pairAlone: readonly LockedThing[] = ['pair'];

function keysOf(account: string, { remote }: Flow): Readonly<Record<LockedThing, string>> {
  const name = account.slice(0, longestName);
  const address = networkOf(remote.address);
  return { pair: `${address} ${name}`, address, account: name };
}
