import { parseMediaRange } from '@parley/mime';
import { unwrap } from '@parley/prelude';
import { answerSetup, answerTo, msrpMediaDescription, originAt, parseSdp, serialiseSdp } from '@parley/sdp';
import type { ChatroomTokens, MediaDescription, SessionDescription } from '@parley/sdp';
import type { RoomPolicy } from '../room/policy.ts';
import type { OfferedStream } from './offered-stream.ts';

/** What the switch gave for a session. */
export interface OpenedSession {
  readonly switchInstance: string;
  readonly session: string;
  /** Our path, nearest first. */
  readonly path: readonly string[];
  readonly port: number;
  /** Host of the `c=` line. */
  readonly address: string;
}

/** What the answer says beside the session. */
export interface AnswerTerms {
  readonly policy: RoomPolicy;
  readonly dialect: 'draft-03' | 'rfc7701';
  /** Digits that name our side of the session; used for the first answer of a dialog. */
  readonly sessionId: string;
  /** What we said last in this dialog. */
  readonly previous?: Uint8Array | undefined;
}

const wrapper = unwrap(parseMediaRange('message/cpim'));
const anything = unwrap(parseMediaRange('*'));

/**
 * Tokens by which a room says what it allows.
 *
 * @deviation draft-03 has `nicknames` in its grammar and `nickname` in its examples: in that dialect both are said
 * @spec RFC 7701 §8
 */
export function chatroomTokens({ nicknames, privateMessages }: RoomPolicy, dialect: string): ChatroomTokens {
  const names = !nicknames ? [] : dialect === 'draft-03' ? ['nickname', 'nicknames'] : ['nickname'];
  return privateMessages ? [...names, 'private-messages'] : names;
}

/**
 * The answer to an offer: the chat stream with our path, every other stream refused, in the offer's order.
 *
 * @spec RFC 3264 §6, RFC 4975 §8, RFC 6135 §4.2, RFC 7701 §5.2
 */
export function answerOffer(stream: OfferedStream, opened: OpenedSession, terms: AnswerTerms): Uint8Array {
  const { address } = opened;
  const origin = originAt(address, terms.sessionId);
  const { nettype, addrtype } = origin;
  const previous = terms.previous === undefined ? undefined : parseSdp(terms.previous);
  const base = {
    origin,
    session: { connection: { nettype, addrtype, connectionAddress: address } },
    ...(previous?.ok ? { previous: previous.value } : {}),
  };
  const chat = chatDescription(stream, opened, terms);
  return serialiseSdp(answerTo(stream.offer, base, (_, index) => (index === stream.index ? chat : undefined)));
}

function chatDescription({ msrp }: OfferedStream, opened: OpenedSession, terms: AnswerTerms): MediaDescription {
  return msrpMediaDescription({
    proto: msrp.proto,
    port: opened.port,
    path: opened.path,
    acceptTypes: [wrapper],
    acceptWrappedTypes: [anything],
    maxSize: terms.policy.maxSize,
    setup: answerSetup(msrp.setup), // always said, whatever was offered (RFC 6135 §4.2.1)
    fingerprints: [],
    chatroom: chatroomTokens(terms.policy, terms.dialect),
    direction: 'sendrecv',
    others: [],
  });
}

/** The chat stream of a description that we sent: the one that was not refused. */
export function chatStreamOf(description: SessionDescription): MediaDescription | undefined {
  return description.media.find(({ port }) => port !== 0);
}
