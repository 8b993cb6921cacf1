/** Bounds on what a parse may cost; all of them count what hostile input can repeat. */
export interface MimeLimits {
  /** Octets of one header block, blank line included; 16 KiB holds every head seen in the field ten times over. */
  readonly maxHeadOctets: number;
  /** Header fields of one block. */
  readonly maxFields: number;
  /** Parameters of one field value. */
  readonly maxParameters: number;
  /** Body parts of one multipart; URI lists and summaries put one entry per recipient into a single part or few. */
  readonly maxParts: number;
  /** Multiparts inside multiparts; S/MIME around mixed around alternative needs three. */
  readonly maxDepth: number;
}

/** Limits that fit instant messages; a caller with other needs passes its own. */
export const defaultMimeLimits: MimeLimits = {
  maxHeadOctets: 16_384,
  maxFields: 64,
  maxParameters: 32,
  maxParts: 1024,
  maxDepth: 8,
};
