/** How much of a message is looked at before it is refused; what is beyond costs the sender, not us. */
export interface SipLimits {
  /** Octets of start-line, header fields and the blank line. */
  readonly headOctets: number;
  /** Header fields, counted as lines; bounds what reading and editing walk over. */
  readonly fieldCount: number;
  /** Octets of the body. */
  readonly bodyOctets: number;
}

/**
 * Room for a UDP datagram full of head, more than twice the fields of the longest message in RFC 4475, and a body
 * sixteen times the size that page mode takes by default.
 */
export const defaultSipLimits: SipLimits = { headOctets: 65_535, fieldCount: 256, bodyOctets: 1_048_576 };
