import type { SipRequest } from '@parley/sip';
import type { Followed } from '../../traces/followed.ts';
import type { Copyable } from '../mailbox/mailbox-desk.ts';

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
