/** Limits of mailboxes. */
export interface MailboxRules {
  /** Milliseconds for which a device is remembered, and for which a message without Expires is kept. */
  readonly memory: number;
  /** Copies in one mailbox, so that one account cannot fill the store; the next message is answered 480. */
  readonly mostCopies: number;
  /** Octets of all copies in one mailbox, for the same reason; the message that would not fit is answered 480. */
  readonly mostOctets: number;
}

/** Octets of a compressed body that are looked at. */
export const mostInflated = 1_048_576;
