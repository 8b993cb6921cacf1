import { parseMediaRange } from '@parley/mime';
import { unwrap } from '@parley/prelude';
import {
  answerSetup,
  answerTo,
  attributeValue,
  attributeValues,
  createOffer,
  msrpMediaDescription,
  originAt,
  parseSdp,
  readFingerprint,
  refusedMedia,
  serialiseSdp,
  succeed,
} from '@parley/sdp';
import type { ChatroomTokens, MediaDescription, MsrpMedia, Origin, SessionDescription, Setup } from '@parley/sdp';
import { nodeBytes } from '@parley/service';
import type { RoomPolicy } from '../room/policy.ts';
import type { Description } from './offer.ts';
import { takesAmendments } from './offer.ts';
import type { MediaLines } from './other-media.ts';
import { isOtherMedia } from './other-media.ts';
import type { OpenedSession, OpenedSessions } from './opened-session.ts';
import type { SessionWish } from './session-wish.ts';

/** What our descriptions say beside the sessions. */
export interface DescriptionTerms {
  readonly policy: RoomPolicy;
  readonly dialect: 'draft-03' | 'rfc7701';
  /** Digits that name our side of the session; used for the first description of a dialog. */
  readonly sessionId: string;
  /** What we said last in this dialog. */
  readonly previous?: Uint8Array | undefined;
  /** What a media server answers to lines of the offer. */
  readonly others?: MediaLines;
}

const wrapper = unwrap(parseMediaRange('message/cpim'));
const anything = unwrap(parseMediaRange('*'));

/**
 * Tokens by which a room says what it allows; that it takes amendments, as every room does, only to who said that it does.
 *
 * @deviation draft-03 has `nicknames` in its grammar and `nickname` in its examples: in that dialect both are said
 * @spec RFC 7701 §8; docs/specs/replace-message.md §4.4
 */
function chatroomTokens(peer: MsrpMedia | undefined, { policy, dialect }: DescriptionTerms): ChatroomTokens {
  const { nicknames, privateMessages } = policy;
  const names = !nicknames ? [] : dialect === 'draft-03' ? ['nickname', 'nicknames'] : ['nickname'];
  const amendments = peer !== undefined && takesAmendments(peer) ? ['replace-message'] : [];
  return [...names, ...(privateMessages ? ['private-messages'] : []), ...amendments];
}

/**
 * The answer to an offer: its chat streams with our paths, audio and video as a media server answers them, every other stream
 * refused, in the offer's order.
 *
 * @spec RFC 3264 §6, RFC 4975 §8, RFC 6135 §4.2, RFC 7701 §5.2
 */
export function answerOffer(offer: Description, opened: OpenedSessions, terms: DescriptionTerms): Uint8Array {
  const base = baseOf(opened, terms);
  const chats = new Map(offer.streams.map(({ index, msrp }) => [index, msrp]));
  const answer = answerTo(offer.session, base, (_, index) => {
    const [session, msrp] = [opened.get(index), chats.get(index)];
    // a=setup is always said, whatever was offered (RFC 6135 §4.2.1).
    if (session && msrp)
      return describe(session, { proto: msrp.proto, setup: answerSetup(msrp.setup), peer: msrp }, terms);
    return terms.others?.get(index);
  });
  return serialiseSdp(answer);
}

/**
 * Our own offer; of a stream that we had in this dialog it is the next version.
 *
 * @param wishes - how each stream is reached and what the participant said of it, by the position of its m-line
 * @spec RFC 3264 §5, §8; RFC 6135 §4.2.1
 */
export function createOurOffer(
  opened: OpenedSessions,
  wishes: ReadonlyMap<number, Pick<SessionWish, 'transport' | 'peer'>>,
  terms: DescriptionTerms,
): Uint8Array {
  const { origin, session, previous } = baseOf(opened, terms);
  const lines = Math.max(previous?.media.length ?? 0, ...[...opened.keys()].map((index) => index + 1));
  const media = Array.from({ length: lines }, (_, index): MediaDescription => {
    const [given, wish] = [opened.get(index), wishes.get(index)];
    const before = previous?.media[index] ?? noStream;
    if (given === undefined || wish === undefined) return isOtherMedia(before) ? before : refusedMedia(before);
    const { transport, peer } = wish;
    const proto = transport.scheme === 'msrps' ? 'TCP/TLS/MSRP' : 'TCP/MSRP';
    // Nobody can connect to a browser.
    return describe(given, { proto, setup: transport.transport === 'tcp' ? 'actpass' : 'passive', peer }, terms);
  });
  const offer = createOffer(origin, media, session);
  return serialiseSdp(previous === undefined ? offer : succeed(previous, offer));
}

/** The session behind one of our m-lines as it was described last; undefined where it was refused. */
export function describedSession(
  ours: SessionDescription,
  { index, switchInstance, session }: { readonly index: number; readonly switchInstance: string; session: string },
): OpenedSession | undefined {
  const media = ours.media[index];
  if (media === undefined || media.port === 0) return undefined;
  const path = (attributeValue(media, 'path') ?? '').split(' ');
  const address = ours.connection?.connectionAddress ?? '';
  const fingerprints = attributeValues(media, 'fingerprint');
  return { switchInstance, session, path, port: media.port, address, fingerprints };
}

interface DescriptionBase {
  readonly origin: Origin;
  readonly session: Pick<SessionDescription, 'connection'>;
  readonly previous?: SessionDescription;
}

function baseOf(opened: OpenedSessions, { sessionId, previous: before }: DescriptionTerms): DescriptionBase {
  const [first] = opened.values();
  const previous = before === undefined || before.length === 0 ? undefined : parseSdp(before, nodeBytes);
  const address = first?.address ?? (previous?.ok ? (previous.value.connection?.connectionAddress ?? '') : '');
  const origin = originAt(address, sessionId);
  const { nettype, addrtype } = origin;
  const session = { connection: { nettype, addrtype, connectionAddress: address } };
  return previous?.ok ? { origin, session, previous: previous.value } : { origin, session };
}

function describe(
  { port, path, fingerprints = [] }: OpenedSession,
  { proto, setup, peer }: Pick<MsrpMedia, 'proto'> & { readonly setup: Setup; readonly peer: MsrpMedia | undefined },
  terms: DescriptionTerms,
): MediaDescription {
  return msrpMediaDescription({
    proto,
    port,
    path,
    acceptTypes: [wrapper],
    acceptWrappedTypes: [anything],
    maxSize: terms.policy.maxSize,
    setup,
    fingerprints: fingerprints.map(readFingerprint).filter((print) => print !== undefined),
    chatroom: chatroomTokens(peer, terms),
    direction: 'sendrecv',
    others: [],
  });
}

/** Stands for a line that nobody described. */
const noStream: MediaDescription = {
  media: 'message',
  port: 0,
  proto: 'TCP/MSRP',
  formats: ['*'],
  connections: [],
  bandwidths: [],
  attributes: [],
};
