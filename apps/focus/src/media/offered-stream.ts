import { rangeIncludes } from '@parley/mime';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { allowsNicknames, allowsPrivateMessages, isMsrpMedia, parseMsrpMedia, parseSdp } from '@parley/sdp';
import type { MsrpMedia, SessionDescription } from '@parley/sdp';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal, warningField } from '../sip/sip-refusal.ts';

/** An offer, and the stream of it over which the participant chats. */
export interface OfferedStream {
  readonly offer: SessionDescription;
  readonly offerBytes: Uint8Array;
  /** Position of the stream among the m-lines. */
  readonly index: number;
  readonly msrp: MsrpMedia;
}

const cpim = { type: 'message', subtype: 'cpim', parameters: [] };

/**
 * Finds the first stream that a chat room can use: over MSRP, not refused, open to the CPIM wrapper.
 *
 * @returns 400 for a description that cannot be read; 488 with a Warning when no stream is of use
 * @spec RFC 3264 §6, RFC 7701 §5.2
 */
export function pickStream(offerBytes: Uint8Array): Result<OfferedStream, SipRefusal> {
  const offer = parseSdp(offerBytes);
  if (!offer.ok) return err(sipRefusal(400, `the session description: ${offer.error.message}`));
  let why: SipRefusal = unusable(304, 'expected a stream m=message over TCP/MSRP or TCP/TLS/MSRP');
  for (const [index, media] of offer.value.media.entries()) {
    if (media.port === 0 || !isMsrpMedia(media)) continue;
    const msrp = parseMsrpMedia(offer.value, media);
    if (!msrp.ok) why = unusable(399, msrp.error.message);
    else if (!msrp.value.acceptTypes.some((range) => rangeIncludes(range, cpim))) {
      why = unusable(305, 'expected a=accept-types to include message/cpim');
    } else return ok({ offer: offer.value, offerBytes, index, msrp: msrp.value });
  }
  return err(why);
}

/** Whether the participant said that it knows nicknames. @spec RFC 7701 §8 */
export function knowsNicknames({ msrp }: OfferedStream): boolean {
  return msrp.chatroom !== undefined && allowsNicknames(msrp.chatroom);
}

/** Whether the participant takes private messages. @spec RFC 7701 §8 */
export function takesPrivateMessages({ msrp }: OfferedStream): boolean {
  return msrp.chatroom !== undefined && allowsPrivateMessages(msrp.chatroom);
}

/** Which transport the participant's own path asks for. @spec RFC 7977 §5.2 */
export function transportOf({ msrp }: OfferedStream): 'tcp' | 'ws' {
  return /;ws$/i.test(msrp.path.at(-1) ?? '') ? 'ws' : 'tcp';
}

/** Scheme of the paths on both sides. */
export function schemeOf({ msrp }: OfferedStream): 'msrp' | 'msrps' {
  return msrp.proto === 'TCP/TLS/MSRP' ? 'msrps' : 'msrp';
}

function unusable(code: number, text: string): SipRefusal {
  return sipRefusal(488, text, [warningField(code, text)]);
}
