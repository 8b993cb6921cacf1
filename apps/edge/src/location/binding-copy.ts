import type { Clock } from '@parley/prelude';
import type { Binding } from '../registrar/binding.ts';
import { isTarget } from '../registrar/binding.ts';
import { wholeSeconds } from './account-entries.ts';
import type { AccountEntries, AccountEntry } from './account-entries.ts';

const none: readonly Binding[] = [];

/** Why a binding ended, where this edge knows. */
export type BindingEnd = 'unregistered' | 'expired' | 'flow lost' | 'account removed';

/** What happened to one binding. @spec RFC 3680 §4.7.1 */
export type BindingEvent =
  | { readonly kind: 'registered' | 'refreshed'; readonly binding: Binding }
  | { readonly kind: BindingEnd; readonly binding: Binding };

/** Where users can be reached, as far as this edge knows: a look-up waits for nothing. Keyed by account name. */
export class BindingCopy {
  protected readonly clock: Clock;
  protected readonly instance: string;
  protected readonly entries: AccountEntries;
  private readonly boundListeners = new Set<(name: string) => void>();
  private readonly listeners = new Set<(name: string, event: BindingEvent) => void>();

  constructor(clock: Clock, instance: string, entries: AccountEntries) {
    this.clock = clock;
    this.instance = instance;
    this.entries = entries;
  }

  /** Bindings of an account that requests to it go to and that have not expired. */
  live(name: string): readonly Binding[] {
    const entry = this.entries.find(name);
    if (entry === undefined) return none;
    const now = this.clock.wallTime();
    return now < entry.boundUntil * 1000 ? entry.targets : unexpired(entry.targets, now);
  }

  /** What the registrar tells of an account: all that has not expired, for rooms or for everything else. */
  registered(name: string, forRooms: boolean): readonly Binding[] {
    return unexpired(this.allOf(name), this.clock.wallTime()).filter((binding) => binding.forRooms === forRooms);
  }

  /** Whether anything is stored for an account, expired or not. */
  has(name: string): boolean {
    return this.allOf(name).length > 0;
  }

  /** Bindings of this edge that have not expired; those of others are counted there. */
  get ownSize(): number {
    const now = this.clock.wallTime();
    let count = 0;
    for (const [, { expiresAt, edgeInstance }] of this.bindings()) {
      if (expiresAt > now && edgeInstance === this.instance) count++;
    }
    return count;
  }

  /** Bindings of the copy, each with its account. */
  *bindings(): Iterable<readonly [name: string, binding: Binding]> {
    for (const { name, bindings } of this.entries.all()) for (const binding of bindings) yield [name, binding];
  }

  /** Bindings whose time is over. @param now - wall time in milliseconds */
  protected *expired(now: number): Iterable<readonly [name: string, binding: Binding]> {
    for (const { name, boundUntil, bindings } of this.entries.all()) {
      if (now < boundUntil * 1000) continue;
      for (const binding of bindings) if (binding.expiresAt <= now) yield [name, binding];
    }
  }

  /** Accounts that the copy has bindings of. */
  *names(): Iterable<string> {
    for (const { name, bindings } of this.entries.all()) if (bindings.length > 0) yield name;
  }

  /** Hears of each binding that is made or refreshed, at whichever edge, once the copy has it. */
  onBound(listener: (name: string) => void): void {
    this.boundListeners.add(listener);
  }

  /** Hears of whatever happens to a binding, at whichever edge, once the copy has it; not of what it was opened with. */
  onChange(listener: (name: string, event: BindingEvent) => void): void {
    this.listeners.add(listener);
  }

  protected allOf(name: string): readonly Binding[] {
    return this.entries.find(name)?.bindings ?? none;
  }

  /** Revision of a binding in the store; undefined when the copy has none of that key. */
  protected revisionOf(name: string, key: string): number | undefined {
    const entry = this.entries.find(name);
    return entry?.revisions[entry.bindings.findIndex((binding) => binding.key === key)];
  }

  protected keep(name: string, binding: Binding, revision: number): void {
    const entry = this.entries.at(name);
    const at = entry.bindings.findIndex(({ key }) => key === binding.key);
    const isNews = entry.revisions[at] !== revision;
    put(entry, at, [binding], [revision]);
    for (const listener of this.boundListeners) listener(name);
    if (isNews) this.tell(name, { kind: at < 0 ? 'registered' : 'refreshed', binding });
  }

  /** @param end - why, unless its time was over */
  protected forget(name: string, key: string, end: BindingEnd): void {
    const entry = this.entries.find(name);
    const at = entry?.bindings.findIndex((binding) => binding.key === key) ?? -1;
    const gone = entry?.bindings[at];
    if (entry === undefined || gone === undefined) return;
    put(entry, at, [], []);
    this.entries.release(entry);
    this.tell(name, { kind: gone.expiresAt <= this.clock.wallTime() ? 'expired' : end, binding: gone });
  }

  private tell(name: string, event: BindingEvent): void {
    for (const listener of this.listeners) listener(name, event);
  }
}

/** Puts a binding, or none, in the place of another; at -1 nothing was there. */
function put(entry: AccountEntry, at: number, binding: readonly Binding[], revision: readonly number[]): void {
  const isOther = (_: unknown, i: number): boolean => i !== at;
  entry.bindings = [...entry.bindings.filter(isOther), ...binding];
  entry.revisions = [...entry.revisions.filter(isOther), ...revision];
  entry.targets = entry.bindings.every(isTarget) ? entry.bindings : entry.bindings.filter(isTarget);
  entry.direct = undefined;
  entry.boundUntil = wholeSeconds(Math.min(...entry.bindings.map(({ expiresAt }) => expiresAt)));
}

function unexpired(bindings: readonly Binding[], now: number): readonly Binding[] {
  return bindings.every(({ expiresAt }) => expiresAt > now)
    ? bindings
    : bindings.filter(({ expiresAt }) => expiresAt > now);
}
