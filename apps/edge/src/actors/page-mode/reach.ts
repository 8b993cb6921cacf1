/** One device among those that a message was sent to. */
export interface Reach {
  readonly device: string;
  /** Branches without a final response. */
  pending: number;
  state: 'open' | 'taken' | 'refused' | 'copied';
  /** Where its copy is, once it is stored. */
  sequence: number | undefined;
}

/** Whether nothing is known of a device: it has not answered, and there is no copy for it. */
export function isOpen({ state }: Reach): boolean {
  return state === 'open';
}

/** Whether a device may still take the message: a refusal of one branch may be followed by the 2xx of another. */
export function isUnsettled({ state, pending }: Reach): boolean {
  return state === 'open' || (state === 'refused' && pending > 0);
}
