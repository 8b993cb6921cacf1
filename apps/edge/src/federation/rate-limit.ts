/** How much one source may send. */
export interface Rate {
  /** Requests a second, in the long run. */
  readonly perSecond: number;
  /** Requests at once. */
  readonly burst: number;
}

/** Sources remembered at most; the oldest go first, and start anew when they come back. */
const mostSources = 65_536;

interface Bucket {
  left: number;
  at: number;
}

/** Counts what sources send, each against its own bucket of tokens. */
export class RateLimit {
  private readonly rate: Rate;
  private readonly buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.rate = rate;
  }

  /**
   * Takes one request of a source, or says that it is one too many.
   *
   * @param now - milliseconds on a clock that never goes back
   */
  take(source: string, now: number): boolean {
    const bucket = this.bucketOf(source, now);
    bucket.left = Math.min(this.rate.burst, bucket.left + ((now - bucket.at) / 1000) * this.rate.perSecond);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  }

  private bucketOf(source: string, now: number): Bucket {
    const known = this.buckets.get(source);
    if (known !== undefined) return known;
    const bucket = { left: this.rate.burst, at: now };
    this.buckets.set(source, bucket);
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > mostSources && oldest !== undefined) this.buckets.delete(oldest);
    return bucket;
  }
}
