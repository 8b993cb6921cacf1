/**
 * What becomes of something a peer sent: it passes, it is refused with 503, or it is not even looked at and, over a
 * connection, ends it.
 */
export type Verdict = 'pass' | 'refuse' | 'cut';
