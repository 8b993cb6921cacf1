/** Milliseconds of a window. */
const window = 60_000;

/** Calls within it: two lists of the greatest length. */
const most = 128;

/** Calls of one user since his window began. */
interface Window {
  readonly began: number;
  calls: number;
  /** Commands that are counted: one that comes again counts no more. */
  readonly counted: Set<string>;
}

/**
 * Calls that users have caused lately, whose shards are held here: whoever may enter one room could have everybody's devices ring
 * otherwise, again and again. A shard that moves begins anew.
 */
export class CallQuota {
  /** In the order in which they began. */
  private readonly windows = new Map<string, Window>();

  /**
   * Counts calls that somebody wants to be made, unless they are too many.
   *
   * @param caller - address-of-record
   * @param commandId - of what causes them
   * @param now - milliseconds, of any clock
   * @returns seconds until they would not be; 0: they are counted
   */
  take(caller: string, commandId: string, calls: number, now: number): number {
    for (const [name, { began }] of this.windows) {
      if (began + window > now) break;
      this.windows.delete(name);
    }
    const spent = this.windows.get(caller) ?? { began: now, calls: 0, counted: new Set() };
    if (spent.counted.has(commandId)) return 0;
    if (spent.calls + calls > most) return Math.ceil((spent.began + window - now) / 1000);
    spent.calls += calls;
    spent.counted.add(commandId);
    this.windows.set(caller, spent);
    return 0;
  }
}
