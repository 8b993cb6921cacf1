/** A shard as the code that acts for it holds it: one takeover's worth of right. */
export interface Ownership {
  readonly shard: number;
  /** Rises with every takeover of any shard; written into each record of the shard at takeover, so that older writes fail. */
  readonly epoch: number;
  /** Whether the lease of this very takeover runs now, by the monotonic clock. To be asked before every effect. */
  isValid(): boolean;
}
