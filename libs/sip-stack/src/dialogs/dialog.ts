/**
 * What two user agents share while they talk, as one of them sees it. Plain data, so that it can be stored and taken
 * up by another process; addresses and routes are head text.
 *
 * @spec RFC 3261 §12
 */
export interface Dialog {
  /** Confirmed by a 2xx; early before. */
  readonly state: 'early' | 'confirmed';
  readonly callId: string;
  readonly localTag: string;
  /** Empty for a peer of RFC 2543, which sets none. */
  readonly remoteTag: string;
  /** From of our requests, without its tag. */
  readonly localAddress: string;
  /** To of our requests, without its tag. */
  readonly remoteAddress: string;
  /** URI that our requests are for. */
  readonly remoteTarget: string;
  /** Route values of our requests, nearest first, each a name-addr. */
  readonly routeSet: readonly string[];
  /** CSeq number of our last request; undefined before the first. */
  readonly localSequence?: number | undefined;
  /** CSeq number of the peer's last request; undefined before the first. */
  readonly remoteSequence?: number | undefined;
  /** Established by a sips URI over TLS. */
  readonly secure: boolean;
}

/** Call-ID and both tags in one string. @spec RFC 3261 §12 (dialog ID) */
export function dialogId(dialog: Pick<Dialog, 'callId' | 'localTag' | 'remoteTag'>): string {
  return `${dialog.callId}\n${dialog.localTag}\n${dialog.remoteTag}`;
}
