import type { SipRequest } from '@parley/sip';
import type { Followed } from '../../traces/followed.ts';
import type { Copyable, MailboxDesk } from '../mailbox/mailbox-desk.ts';

/** A message that is on its way. */
export interface PostedMessage {
  readonly came: SipRequest;
  readonly forwarded: SipRequest;
  /** Worked out when a copy is first asked for; null when it is none to keep. */
  copyable: Copyable | undefined | null;
  /** How the branches of our Vias begin. */
  readonly mark: string;
  isStored: boolean;
  /** Undefined: its sender does not ask what becomes of it. */
  readonly followed: Followed | undefined;
}

/** What is stored of a message, worked out once; undefined when it is none to keep. */
export function copyableOf(posted: PostedMessage, desk: Pick<MailboxDesk, 'copyable'>): Copyable | undefined {
  if (posted.copyable === undefined) posted.copyable = desk.copyable(posted.came, posted.forwarded) ?? null;
  return posted.copyable ?? undefined;
}
