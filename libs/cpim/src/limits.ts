/** Bounds on the metadata of one message; RFC 3862 §2.2 wants no limit on lines, so only their sum is limited. */
export interface CpimLimits {
  /** Octets of the message headers, blank line included; a switch holds this much per unfinished message. */
  readonly maxHeadOctets: number;
  /** Header lines of one message; every recipient of a list may be a `To`. */
  readonly maxHeaders: number;
}

/** Limits that fit instant messages. */
export const defaultCpimLimits: CpimLimits = { maxHeadOctets: 16_384, maxHeaders: 256 };
