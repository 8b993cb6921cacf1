/** Limits and policy of lists. */
export interface ListRules {
  /** Recipients of one message, members of stored lists included; more are refused with 403. */
  readonly mostRecipients: number;
  /** Stored lists within each other. */
  readonly mostDepth: number;
  /** Whose consent is taken for granted: that of members of the domain, or everybody's. @spec RFC 5363 §5.2 */
  readonly consent: 'members' | 'anyone';
  /** Octets of a history that names the members of a stored list; a longer one names the list instead. */
  readonly mostHistory: number;
}
