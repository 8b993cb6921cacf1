import { rangeIncludes } from '@parley/mime';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import {
  allowsNicknames,
  allowsPrivateMessages,
  isMsrpMedia,
  parseMsrpMedia,
  parseSdp,
  understandsAmendments,
} from '@parley/sdp';
import type { MsrpMedia, SessionDescription } from '@parley/sdp';
import { nodeBytes } from '@parley/service';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal, warningField } from '../sip/sip-refusal.ts';

/** What a participant describes, as offer or answer, and the streams of it over which it chats. */
export interface Description {
  readonly session: SessionDescription;
  readonly bytes: Uint8Array;
  /** At least one, in the order of the m-lines. */
  readonly streams: readonly DescribedStream[];
}

/** One of its streams of messages. */
export interface DescribedStream {
  /** Position among the m-lines. */
  readonly index: number;
  readonly msrp: MsrpMedia;
}

const cpim = { type: 'message', subtype: 'cpim', parameters: [] };

/** Streams of messages that one participant may have; each is a session at the switch. */
const mostStreams = 4;

/**
 * Finds the streams that a chat room can use: over MSRP, not refused, open to the CPIM wrapper.
 *
 * @returns 400 for a description that cannot be read; 488 with a Warning when no stream is of use
 * @spec RFC 3264 §6, RFC 7701 §5.2, draft-ietf-simple-chat-03 §4 (REQ-2)
 */
export function readDescription(bytes: Uint8Array): Result<Description, SipRefusal> {
  const session = parseSdp(bytes, nodeBytes);
  if (!session.ok) return err(sipRefusal(400, `the session description: ${session.error.message}`));
  let why: SipRefusal = unusable(304, 'expected a stream m=message over TCP/MSRP or TCP/TLS/MSRP');
  const streams: DescribedStream[] = [];
  for (const [index, media] of session.value.media.entries()) {
    if (media.port === 0 || !isMsrpMedia(media) || streams.length === mostStreams) continue;
    const msrp = parseMsrpMedia(session.value, media);
    if (!msrp.ok) why = unusable(399, msrp.error.message);
    else if (!msrp.value.acceptTypes.some((range) => rangeIncludes(range, cpim))) {
      why = unusable(305, 'expected a=accept-types to include message/cpim');
    } else streams.push({ index, msrp: msrp.value });
  }
  return streams.length === 0 ? err(why) : ok({ session: session.value, bytes, streams });
}

/** Whether the participant said that it knows nicknames. @spec RFC 7701 §8 */
export function knowsNicknames({ chatroom }: MsrpMedia): boolean {
  return chatroom !== undefined && allowsNicknames(chatroom);
}

/** Whether the participant takes private messages. @spec RFC 7701 §8 */
export function takesPrivateMessages({ chatroom }: MsrpMedia): boolean {
  return chatroom !== undefined && allowsPrivateMessages(chatroom);
}

/** Whether the participant acts on messages that replace or recall others. @spec docs/specs/replace-message.md §4.4 */
export function takesAmendments({ chatroom }: MsrpMedia): boolean {
  return chatroom !== undefined && understandsAmendments(chatroom);
}

/** Whether the participant wants to hear nothing for now: it is on hold. @spec RFC 3264 §8.4 */
export function isPaused({ direction }: MsrpMedia): boolean {
  return direction === 'sendonly' || direction === 'inactive';
}

/** How the MSRP connection of a stream is made. */
export interface StreamTransport {
  readonly scheme: 'msrp' | 'msrps';
  readonly transport: 'tcp' | 'ws';
}

/** What the participant's own path and protocol ask for. @spec RFC 4975 §8.1, RFC 7977 §5.2 */
export function transportOf({ proto, path }: MsrpMedia): StreamTransport {
  const isWebSocket = /;ws$/i.test(path.at(-1) ?? '');
  return { scheme: proto === 'TCP/TLS/MSRP' ? 'msrps' : 'msrp', transport: isWebSocket ? 'ws' : 'tcp' };
}

function unusable(code: number, text: string): SipRefusal {
  return sipRefusal(488, text, [warningField(code, text)]);
}
