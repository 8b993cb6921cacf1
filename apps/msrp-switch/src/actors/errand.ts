import type { ByteRange } from '@parley/msrp';
import { interruptibleAbove } from '@parley/msrp';
import type { Member } from '../hub/hub.ts';
import { copyHead } from '../message/copy-head.ts';
import type { MessageHead } from '../message/message-head.ts';
import type { Route } from '../message/route.ts';
import type { Copy } from './distributor.ts';
import type { IncomingChunk } from './incoming-chunk.ts';

/** A message that is read whole before it is decided what becomes of it. */
export interface Whole {
  /** Its last chunk. */
  readonly chunk: IncomingChunk;
  readonly head: MessageHead;
  readonly route: Route<Member>;
  readonly octets: Uint8Array;
  /** Message-ID of its copies. */
  readonly copyId: string;
}

/** What an errand came to: the code of the answer, and whether recipients report for themselves. */
export interface ErrandResult {
  readonly code: number;
  /** Words for people, where the code alone does not say enough. */
  readonly comment?: string;
  /** Whether the Success-Report comes from the recipient. @spec draft-ietf-simple-chat-03 §6.2 */
  readonly isRelayed?: boolean;
  /** A REPORT that goes behind the answer. */
  readonly report?: string;
}

/** Deals with a kind of messages that are read whole. */
export interface Errand {
  /** Octets that such a message may have. */
  readonly limit: number;
  carryOut(whole: Whole): ErrandResult | Promise<ErrandResult>;
}

/** The one copy of a whole message. */
export function wholeCopy(
  { chunk, copyId }: Pick<Whole, 'chunk' | 'copyId'>,
  octets: Uint8Array,
  keepsReports: boolean,
): Copy {
  const { request, session } = chunk;
  const { length: total } = octets;
  const byteRange: ByteRange = { start: 1, end: total > interruptibleAbove ? '*' : total, total };
  const head = copyHead(request, { messageId: copyId, byteRange, keepsReports });
  return { head, body: [octets], flag: '$', reached: total, source: session };
}
