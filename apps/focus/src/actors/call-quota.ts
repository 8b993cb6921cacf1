/** Milliseconds of a window. */
const window = 60_000;

/** Calls within it: two lists of the greatest length. */
const most = 128;

/**
 * Calls that each user has caused lately at the rooms of this instance: whoever may enter one room could have everybody's
 * devices ring otherwise, again and again.
 */
export class CallQuota {
  /** In the order in which their windows began. */
  private readonly windows = new Map<string, { readonly began: number; calls: number }>();

  /**
   * Counts calls that somebody wants to be made, unless they are too many.
   *
   * @param caller - address-of-record
   * @param now - milliseconds, of any clock
   * @returns seconds until they would not be; 0: they are counted
   */
  take(caller: string, calls: number, now: number): number {
    for (const [name, { began }] of this.windows) {
      if (began + window > now) break;
      this.windows.delete(name);
    }
    const spent = this.windows.get(caller) ?? { began: now, calls: 0 };
    if (spent.calls + calls > most) return Math.ceil((spent.began + window - now) / 1000);
    spent.calls += calls;
    this.windows.set(caller, spent);
    return 0;
  }
}
