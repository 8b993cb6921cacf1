/** Kept beside the newest version of a map, so that nobody has to look at all of it. */
export interface MapIndex<V> {
  /** An entry is another; undefined: it is not there. */
  change(id: string, before: V | undefined, after: V | undefined): void;
}

interface Newest<V, I> {
  readonly entries: Map<string, V>;
  readonly index: I;
}

/** How a version differs from the one that was made of it. */
interface Older<V, I extends MapIndex<V>> {
  readonly id: string;
  readonly was: V | undefined;
  readonly next: VersionMap<V, I>;
}

/**
 * A map that is a value, of which a change costs the same however large it is: the newest version has the entries, and each
 * older one only what it had otherwise. Older ones are for looking back a little way; a change of one copies all of it.
 */
export class VersionMap<V, I extends MapIndex<V>> implements ReadonlyMap<string, V> {
  readonly size: number;
  private readonly newIndex: () => I;
  private state: Newest<V, I> | Older<V, I>;

  private constructor(state: Newest<V, I>, newIndex: () => I) {
    this.size = state.entries.size;
    this.state = state;
    this.newIndex = newIndex;
  }

  /** The map with the entries of another, which it copies. */
  static of<V, I extends MapIndex<V>>(entries: Iterable<readonly [string, V]>, newIndex: () => I): VersionMap<V, I> {
    const [own, index] = [new Map(entries), newIndex()];
    for (const [id, value] of own) index.change(id, undefined, value);
    return new VersionMap({ entries: own, index }, newIndex);
  }

  /** The map with an entry, new or another; undefined: without it. */
  with(id: string, value: V | undefined): VersionMap<V, I> {
    const { state } = this;
    if ('next' in state) return VersionMap.of(this, this.newIndex).with(id, value);
    const { entries, index } = state;
    const was = entries.get(id);
    if (value === undefined) entries.delete(id);
    else entries.set(id, value);
    index.change(id, was, value);
    const next = new VersionMap(state, this.newIndex);
    this.state = { id, was, next };
    return next;
  }

  /** The index of this version. */
  get index(): I {
    const { state } = this;
    return 'next' in state ? VersionMap.of(this, this.newIndex).index : state.index;
  }

  /** Ids of the entries that may differ in a version that was made of this one; undefined: it was not. */
  changedUntil(later: unknown): ReadonlySet<string> | undefined {
    const ids = new Set<string>();
    let at: VersionMap<V, I> | undefined = later === this ? undefined : this;
    while (at !== undefined) {
      const state: VersionMap<V, I>['state'] = at.state;
      if (!('next' in state)) return undefined;
      ids.add(state.id);
      at = state.next === later ? undefined : state.next;
    }
    return ids;
  }

  get(id: string): V | undefined {
    let { state } = this;
    while ('next' in state) {
      if (state.id === id) return state.was;
      ({ state } = state.next);
    }
    return state.entries.get(id);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  entries(): MapIterator<[string, V]> {
    return this.whole().entries();
  }

  keys(): MapIterator<string> {
    return this.whole().keys();
  }

  values(): MapIterator<V> {
    return this.whole().values();
  }

  forEach(tell: (value: V, id: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [id, value] of this) tell(value, id, this);
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  /** All entries; of an older version in a copy, in which who has gone since comes last. */
  private whole(): ReadonlyMap<string, V> {
    const before = new Map<string, V | undefined>();
    let { state } = this;
    while ('next' in state) {
      if (!before.has(state.id)) before.set(state.id, state.was);
      ({ state } = state.next);
    }
    if (before.size === 0) return state.entries;
    const entries = new Map(state.entries);
    for (const [id, was] of before) {
      if (was === undefined) entries.delete(id);
      else entries.set(id, was);
    }
    return entries;
  }
}
