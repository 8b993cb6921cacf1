/** A copy that this edge stores or stored, of which the owner of the mailbox may not have heard. */
export interface OwnCopy {
  readonly devices: readonly string[];
  readonly octets: number;
  /** Undefined until JetStream has acknowledged it. */
  sequence: number | undefined;
}

/** Those of one account, and their octets together. */
export interface OwnCopies {
  readonly copies: Set<OwnCopy>;
  octets: number;
}
