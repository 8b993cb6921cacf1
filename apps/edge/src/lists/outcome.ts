/** What became of a message for one recipient. */
export interface Outcome {
  /** As the sender wrote it. */
  readonly uri: string;
  /** 200: a device has it; 202: it waits in the mailbox; else why not. @spec RFC 5363 §4.3 */
  readonly status: number;
  readonly reason: string;
}

/** Few-valued, for counting. */
export type OutcomeKind = 'delivered' | 'stored' | 'refused' | 'unreachable' | 'unknown' | 'failed';

/** What a status means. */
export function outcomeKind(status: number): OutcomeKind {
  if (status === 202) return 'stored';
  if (status < 300) return 'delivered';
  if (status === 404) return 'unknown';
  if (status === 480) return 'unreachable';
  return status >= 500 && status < 600 ? 'failed' : 'refused';
}
