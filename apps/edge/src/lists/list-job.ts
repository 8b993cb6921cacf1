import type { SipRequest } from '@parley/sip';
import type { Outcome } from './outcome.ts';
import type { Copy } from './plan-copies.ts';

/** A message to a list that was accepted. */
export interface ListJob {
  /** The same for a repetition of the same request. */
  readonly id: string;
  /** Account that sent it. */
  readonly sender: string;
  /** URI that it came from. */
  readonly from: string;
  /** URI that it was sent to. */
  readonly list: string;
  /** What all copies share. */
  readonly shared: SipRequest;
  readonly copies: readonly Copy[];
  /** Recipients that get no copy. */
  readonly settled: readonly Outcome[];
  /** Its Message-ID where its sender asked for notifications, else empty. */
  readonly messageId: string;
  /** Wall time in milliseconds. */
  readonly acceptedAt: number;
  /** No copy is begun after that. */
  readonly expiresAt: number;
}
