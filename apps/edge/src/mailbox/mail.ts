/** What is known of a stored copy without its octets. */
export interface Mail {
  readonly sequence: number;
  /** Devices that it is for; none: the first that registers. */
  readonly devices: readonly string[];
  /** Length of the stored request. */
  readonly octets: number;
  /** Wall time in milliseconds. */
  readonly storedAt: number;
  /** When it is no longer delivered; undefined: kept until a device took it. */
  readonly expiresAt: number | undefined;
  /** An earlier attempt may still succeed until then. */
  readonly notBefore: number;
  /** When the account was made that it is for; 0: not known. */
  readonly accountSince: number;
  /** Whether another device was being tried when it was stored, or had it: then this copy does not tell of a loss. */
  readonly shared: boolean;
  /** Devices of copies of the same message that were stored before. */
  readonly others: readonly string[];
}
