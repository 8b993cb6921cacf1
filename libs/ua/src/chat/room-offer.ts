import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { parsePath, pathOf } from '@parley/msrp';
import type { MsrpUri, Path } from '@parley/msrp';
import { parseMediaRange } from '@parley/mime';
import type { MediaRange } from '@parley/mime';
import {
  allowsNicknames,
  allowsPrivateMessages,
  createOffer,
  isMsrpMedia,
  msrpMediaDescription,
  originAt,
  parseMsrpMedia,
  parseSdp,
  serialiseSdp,
} from '@parley/sdp';

/** How MSRP reaches the room. */
export type MediaTransport = 'tcp' | 'tls' | 'ws' | 'wss';

/** What an offer to a room is made of. */
export interface RoomOffer {
  readonly transport: MediaTransport;
  /** Address of ours; a browser has none and gives a name under `.invalid`. */
  readonly host: string;
  readonly sessionId: string;
  /** Digits; one for each call. */
  readonly sdpId: string;
  /** Counts the offers and answers of one call. */
  readonly sdpVersion: string;
  readonly maxSize: number;
  /** Types taken inside `message/cpim`; default all. */
  readonly wrappedTypes?: readonly string[];
  /** Whether messages that replace or recall others are acted upon; default: they are not, and come as plain ones. */
  readonly amendments?: boolean;
}

/** What the room answered. */
export interface RoomMedia {
  /** Where to connect and what to put in To-Path. */
  readonly path: Path;
  readonly nicknames: boolean;
  readonly privateMessages: boolean;
  /** Octets of the largest message that the room takes; undefined when it does not say. */
  readonly maxSize: number | undefined;
}

/** Nobody connects to us, so no port of ours is told. @spec RFC 4145 §4.1 */
const discardPort = 9;

/** Our end of the session. @spec RFC 4975 §6, RFC 7977 §5.2 */
export function localPathOf({ transport, host, sessionId }: RoomOffer): Path {
  const uri: MsrpUri = {
    scheme: transport === 'tls' || transport === 'wss' ? 'msrps' : 'msrp',
    userinfo: undefined,
    host: host.includes(':') ? `[${host}]` : host,
    port: discardPort,
    sessionId,
    transport: transport === 'ws' || transport === 'wss' ? 'ws' : 'tcp',
    parameters: [],
  };
  return pathOf(uri);
}

function rangesOf(types: readonly string[]): MediaRange[] {
  return types.flatMap((type) => {
    const range = parseMediaRange(type);
    return range.ok ? [range.value] : [];
  });
}

/** The description of our end: we connect, and messages come in `message/cpim`. @spec RFC 7701 §5.2, RFC 6135 §4.2 */
export function roomOffer(offer: RoomOffer): Uint8Array {
  const secure = offer.transport === 'tls' || offer.transport === 'wss';
  const media = msrpMediaDescription({
    proto: secure ? 'TCP/TLS/MSRP' : 'TCP/MSRP',
    port: discardPort,
    path: [localPathOf(offer).text],
    acceptTypes: rangesOf(['message/cpim']),
    acceptWrappedTypes: rangesOf(offer.wrappedTypes ?? ['*']),
    maxSize: offer.maxSize,
    setup: 'active',
    fingerprints: [],
    chatroom: ['nickname', 'private-messages', ...(offer.amendments === true ? ['replace-message'] : [])],
    direction: 'sendrecv',
    others: [],
  });
  const origin = originAt(offer.host, offer.sdpId, offer.sdpVersion);
  const { nettype, addrtype, unicastAddress: connectionAddress } = origin;
  return serialiseSdp(createOffer(origin, [media], { connection: { nettype, addrtype, connectionAddress } }));
}

/** Reads the description of the room's end. */
export function roomMediaOf(sdp: Uint8Array): Result<RoomMedia, ParseError> {
  const session = parseSdp(sdp);
  if (!session.ok) return session;
  const media = session.value.media.find((candidate) => isMsrpMedia(candidate) && candidate.port !== 0);
  if (media === undefined) return err(parseError('media-field', 0, 'RFC 4975 §8.1', 'expected an MSRP stream'));
  const msrp = parseMsrpMedia(session.value, media);
  if (!msrp.ok) return msrp;
  const path = parsePath(msrp.value.path.join(' '), 16);
  if (!path.ok) return path;
  const tokens = msrp.value.chatroom ?? [];
  return ok({
    path: path.value,
    nicknames: allowsNicknames(tokens),
    privateMessages: allowsPrivateMessages(tokens),
    maxSize: msrp.value.maxSize,
  });
}
