/** Octets that are put together where they leave from. */
export interface OctetSource {
  readonly octets: number;
  /** Writes all of them from an offset on, which has room for them; gives where they end. Called once. */
  takeInto(target: Buffer, offset: number): number;
}
