import type { Bus, BusFailure } from '@parley/bus';
import { bindingKey, bindingsPrefix, buckets, decodeToken, edge } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { bindingFromRecord, bindingToRecord } from '../adapters/binding-record.ts';
import type { Binding } from '../registrar/binding.ts';

const none: readonly Binding[] = [];

/** How often bindings whose time is over leave the store, in milliseconds; look-ups pass over them at once. */
const sweepInterval = 5_000;

/**
 * Where users can be reached, from a watched copy of the bucket: a look-up waits for nothing. Keyed by account name.
 *
 * @spec RFC 3261 §10 (location service)
 */
export class BindingBook implements Disposable {
  private readonly bucket;
  private readonly clock: Clock;
  private readonly byName = new Map<string, readonly Binding[]>();
  private readonly stopWatching: Cancel;
  private stopSweeping: Cancel;
  /** Settles once the copy holds all that existed when the book was opened. */
  readonly filled: Promise<void>;

  constructor(bus: Bus, clock: Clock) {
    this.clock = clock;
    this.bucket = bus.bucket(buckets.bindings, edge.BindingRecord);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.filled = promise;
    const watch = this.bucket.watch('', {
      changed: (event) => {
        if (event.kind === 'put') this.learn(event.key, event.value);
        else this.forgetKey(event.key);
      },
      ready: () => {
        resolve(undefined);
      },
    });
    this.stopWatching = () => {
      watch.stop();
    };
    this.stopSweeping = clock.after(sweepInterval, () => {
      this.sweep();
    });
  }

  /** Bindings of an account that have not expired. */
  live(name: string): readonly Binding[] {
    const bindings = this.byName.get(name);
    if (bindings === undefined) return none;
    const now = this.clock.wallTime();
    return bindings.every(({ expiresAt }) => expiresAt > now)
      ? bindings
      : bindings.filter(({ expiresAt }) => expiresAt > now);
  }

  /** Accounts with a live binding. */
  get registered(): number {
    let count = 0;
    for (const name of this.byName.keys()) if (this.live(name).length > 0) count++;
    return count;
  }

  /** Writes what a REGISTER changed; in the copy once all of it is acknowledged. */
  async apply(
    name: string,
    change: { readonly stored: readonly Binding[]; readonly removed: readonly Binding[] },
  ): Promise<Result<void, BusFailure>> {
    const writes = [
      ...change.stored.map((binding) => this.bucket.put(bindingKey(name, binding.key), bindingToRecord(name, binding))),
      ...change.removed.map((binding) => this.bucket.delete(bindingKey(name, binding.key))),
    ];
    for (const write of await Promise.all(writes)) if (!write.ok) return write;
    for (const binding of change.stored) this.keep(name, binding);
    for (const binding of change.removed) this.forget(name, binding.key);
    return ok(undefined);
  }

  /** Ends every binding of an account, also those that this copy has not heard of yet. */
  async removeAll(name: string): Promise<Result<void, BusFailure>> {
    const keys = await this.bucket.keys(bindingsPrefix(name));
    if (!keys.ok) return keys;
    for (const deleted of await Promise.all(keys.value.map((key) => this.bucket.delete(key)))) {
      if (!deleted.ok) return deleted;
    }
    this.byName.delete(name);
    return ok(undefined);
  }

  /** Ends the bindings that lived on a connection. @spec RFC 5626 §6 */
  async endFlow(edgeInstance: string, flow: string, names: Iterable<string>): Promise<void> {
    for (const name of names) {
      const removed = (this.byName.get(name) ?? none).filter(
        (binding) => binding.flow === flow && binding.edgeInstance === edgeInstance,
      );
      if (removed.length > 0) await this.apply(name, { stored: [], removed });
    }
  }

  [Symbol.dispose](): void {
    this.stopWatching();
    this.stopSweeping();
  }

  private sweep(): void {
    const now = this.clock.wallTime();
    for (const [name, bindings] of this.byName) {
      const removed = bindings.filter(({ expiresAt }) => expiresAt <= now);
      if (removed.length > 0) void this.apply(name, { stored: [], removed });
    }
    this.stopSweeping = this.clock.after(sweepInterval, () => {
      this.sweep();
    });
  }

  private learn(key: string, record: edge.BindingRecord): void {
    const binding = bindingFromRecord(bindingPart(key), record);
    if (binding.ok) this.keep(record.aor, binding.value);
  }

  private keep(name: string, binding: Binding): void {
    const others = (this.byName.get(name) ?? none).filter(({ key }) => key !== binding.key);
    this.byName.set(name, [...others, binding]);
  }

  private forgetKey(key: string): void {
    const name = decodeToken(key.slice(0, key.indexOf('.')));
    if (name.ok) this.forget(name.value, bindingPart(key));
  }

  private forget(name: string, key: string): void {
    const left = (this.byName.get(name) ?? none).filter((binding) => binding.key !== key);
    if (left.length > 0) this.byName.set(name, left);
    else this.byName.delete(name);
  }
}

/** The binding's own name in its key; it was made by the registrar, of characters that need no encoding. */
function bindingPart(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}
