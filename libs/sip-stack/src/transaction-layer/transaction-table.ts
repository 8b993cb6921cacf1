import type { Random } from '@parley/prelude';

/** What a transaction is found by, and its place in a {@link TransactionTable}, which alone touches `next` and `hash`. */
export class TableEntry<Self> {
  /** Branch of the top Via. */
  readonly branch: string;
  /** Host and port of that Via; empty where the branch alone is enough. */
  readonly sentBy: string;
  readonly method: string;
  hash = 0;
  next: Self | undefined = undefined;

  constructor(branch: string, sentBy: string, method: string) {
    this.branch = branch;
    this.sentBy = sentBy;
    this.method = method;
  }
}

const leastBuckets = 64;
const prime = 0x01000193;

/**
 * Transactions by branch, sent-by and method: a chain of them in each bucket, and nothing allocated for one.
 *
 * @note A `Map` does the same, but leaves a table behind whenever it has seen as many come and go as it holds. Once such
 * a table is old, everything that it still names survives the young generation, the next table included; with a
 * hundred transactions under way that was two thirds of all that was ever parsed, and half the processor time.
 */
export class TransactionTable<T extends TableEntry<T>> {
  private readonly seed: number;
  private buckets: (T | undefined)[] = emptyBuckets(leastBuckets);
  private count = 0;

  /** @param seed - 32 bits that a peer cannot guess, so that he cannot fill one bucket */
  constructor(seed: number) {
    this.seed = seed;
  }

  get size(): number {
    return this.count;
  }

  find(branch: string, sentBy: string, method: string): T | undefined {
    const hash = hashOf(this.seed, branch, sentBy, method);
    let entry = this.buckets[hash & (this.buckets.length - 1)];
    while (entry !== undefined && !(entry.hash === hash && isNamed(entry, branch, sentBy, method))) entry = entry.next;
    return entry;
  }

  /** Adds an entry; one of the same name that is there already is found no more. */
  add(entry: T): void {
    if (this.count === this.buckets.length) this.grow();
    entry.hash = hashOf(this.seed, entry.branch, entry.sentBy, entry.method);
    this.link(entry);
    this.count++;
  }

  /** Takes the entry out; harmless when it is not in. */
  remove(entry: T): void {
    const at = entry.hash & (this.buckets.length - 1);
    const first = this.buckets[at];
    if (first === entry) this.buckets[at] = entry.next;
    else {
      let before = first;
      while (before !== undefined && before.next !== entry) before = before.next;
      if (before === undefined) return;
      before.next = entry.next;
    }
    entry.next = undefined;
    this.count--;
  }

  clear(): void {
    this.buckets = emptyBuckets(leastBuckets);
    this.count = 0;
  }

  private link(entry: T): void {
    const at = entry.hash & (this.buckets.length - 1);
    entry.next = this.buckets[at];
    this.buckets[at] = entry;
  }

  /** It never shrinks: the most that it ever held it may soon hold again. */
  private grow(): void {
    const old = this.buckets;
    this.buckets = emptyBuckets(2 * old.length);
    for (const first of old) {
      for (let entry = first; entry !== undefined;) {
        const { next } = entry;
        this.link(entry);
        entry = next;
      }
    }
  }
}

/** FNV-1a over all of a name: a peer chooses each part, and what shares a hash is looked through one by one. */
export function hashOf(seed: number, branch: string, sentBy: string, method: string): number {
  const hash = mixed(mixed(mixed(seed, branch), sentBy), method);
  return hash ^ (hash >>> 15);
}

/** No octet of a text: it keeps parts of a name apart. */
const separator = 0x100;

function mixed(seed: number, text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  return Math.imul(hash ^ separator, prime);
}

/** 32 bits for a table. */
export function randomSeed(random: Random): number {
  return random.bytes(4).reduce((seed, octet) => (seed << 8) | octet, 0);
}

function isNamed<T>(entry: TableEntry<T>, branch: string, sentBy: string, method: string): boolean {
  return entry.branch === branch && entry.method === method && entry.sentBy === sentBy;
}

function emptyBuckets<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}
