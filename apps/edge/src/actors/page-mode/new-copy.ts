/** A copy that is to be stored. */
export interface NewCopy {
  readonly devices: readonly string[];
  /** Milliseconds for which it is not tried again, unless the device registers. */
  readonly rest: number;
  /** Whether another device is being tried, or has it: then not this copy tells should the message be lost. */
  readonly shared: boolean;
  /** Devices of copies before it. */
  readonly others: readonly string[];
}

/** What became of storing a copy. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** The mailbox is full, or this message is none to keep. */
  | { readonly kind: 'unavailable' }
  /** JetStream did not acknowledge it; `isLasting`: it has not for so long that waiting promises nothing. */
  | { readonly kind: 'failed'; readonly isLasting: boolean };
