import type { SipRequest, SipResponse } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Deadline } from '../deadline-queue.ts';
import type { DeviceBranch } from './device-branch.ts';
import type { NewCopy, StoreOutcome } from './new-copy.ts';
import type { PostedMessage } from './posted-message.ts';

/** Which message it is that a fork speaks of. */
export interface ForkedMessage {
  readonly transaction: ServerTransaction;
  readonly account: string;
  readonly posted: PostedMessage;
}

/** What a message to several devices needs of its surroundings. */
export interface MessageForkHost {
  /** Passes a response on to who sent the message. */
  answer(fork: ForkedMessage, response: SipResponse): void;
  /** Answers with a response of our own. */
  reply(fork: ForkedMessage, status: 200 | 202 | 480 | 503): void;
  /** Stores a copy; undefined when such a message is never stored. */
  store(fork: ForkedMessage, copy: NewCopy): Promise<StoreOutcome> | undefined;
  /** Sends in another form what a device refused for good, over a branch that stays open; undefined: it does not. */
  sendInstead(fork: ForkedMessage, branch: DeviceBranch, response: SipResponse): SipRequest | undefined;
  /** A device refused the message for good, and no copy of it will tell should it be lost. */
  refused(fork: ForkedMessage, device: string, answer: SipResponse | undefined): void;
  /** A device took the message in another form. */
  adapted(fork: ForkedMessage, device: string, sent: SipRequest): void;
  /** Puts a deadline a moment ahead. */
  soon(deadline: Deadline): void;
  /** A device took a message of which it has a copy. */
  tookAfterAll(fork: ForkedMessage, device: string, sequence: number): void;
  /** Answered, and every branch is done; nothing more comes. Told once. */
  ended(fork: ForkedMessage): void;
}
