/** What is known of a stored copy without its octets. */
export interface Mail {
  readonly sequence: number;
  /** Devices that it is for; none: the first that registers. */
  readonly devices: readonly string[];
  /** Wall time in milliseconds. */
  readonly storedAt: number;
  /** When it is no longer delivered; undefined: kept until a device took it. */
  readonly expiresAt: number | undefined;
  /** An earlier attempt may still succeed until then. */
  readonly notBefore: number;
}
