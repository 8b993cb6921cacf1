import type { MsrpMedia } from '@parley/sdp';
import type { Participant } from '../room/participant.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { Room } from '../room/room.ts';
import { isSpeaker } from '../room/standing.ts';
import type { Description, StreamTransport } from './offer.ts';
import { readDescription, transportOf } from './offer.ts';
import type { MsrpStream } from './msrp-media.ts';
import { isMsrp } from './msrp-media.ts';

/** What a switch has to know of a session to open it, or to go on with it under other terms. */
export interface SessionWish {
  readonly participant: string;
  /** Position of the m-line. */
  readonly index: number;
  readonly identity: string;
  readonly uris: readonly string[];
  /** What the participant said of the stream; undefined as long as it has not answered our offer. */
  readonly peer: MsrpMedia | undefined;
  readonly transport: StreamTransport;
  readonly nickname: string;
  readonly policy: RoomPolicy;
  readonly isSpeaker: boolean;
  /** When it came to the room; undefined: it does so now. */
  readonly joinedAt?: number | undefined;
}

/** Whoever has, or is to have, streams in a room. */
export type Holder = Pick<Participant, 'id' | 'identity' | 'uris' | 'nickname'> &
  Partial<Pick<Participant, 'joinedAt'>>;

/** How the sessions of a description are to be. */
export function wishesFor(
  room: Pick<Room, 'policy' | 'creator'>,
  { id, identity, uris, nickname, joinedAt }: Holder,
  streams: Description['streams'],
): readonly SessionWish[] {
  return streams.map(({ index, msrp }) => ({
    participant: id,
    index,
    identity,
    uris,
    peer: msrp,
    transport: transportOf(msrp),
    nickname,
    policy: room.policy,
    isSpeaker: isSpeaker(room, identity),
    joinedAt,
  }));
}

/** How a session is to be of which the participant has said nothing so far: the first line of an offer of ours. */
export function wishForOffer(
  room: Pick<Room, 'policy' | 'creator'>,
  { id, identity, uris, nickname }: Holder,
  transport: StreamTransport,
): SessionWish {
  const speaks = isSpeaker(room, identity);
  return {
    participant: id,
    index: 0,
    identity,
    uris,
    peer: undefined,
    transport,
    nickname,
    policy: room.policy,
    isSpeaker: speaks,
  };
}

/** How the streams that a participant has are to go on; what it said of them last is read again. */
export function wishesAgain(room: Pick<Room, 'policy' | 'creator'>, participant: Participant): readonly SessionWish[] {
  const { media } = participant;
  const said = isMsrp(media) ? readDescription(media.remoteSdp) : undefined;
  if (!isMsrp(media) || said?.ok !== true) return [];
  const held = new Set(media.streams.map(({ index }) => index));
  return wishesFor(
    room,
    participant,
    said.value.streams.filter(({ index }) => held.has(index)),
  );
}

/** Whether two streams are reached at the same path, so that one session may go on as the other. @spec RFC 4975 §8.2 */
export function isSamePath(a: MsrpMedia, b: MsrpMedia): boolean {
  return a.proto === b.proto && a.path.join(' ') === b.path.join(' ');
}

/** Of two descriptions of a participant, the streams of the later one that go on and those that are new. */
export function compareStreams(
  before: Uint8Array,
  after: Description,
  held: readonly MsrpStream[],
): { readonly kept: Description['streams']; readonly fresh: Description['streams'] } {
  const known = readDescription(before);
  const isKept = ({ index, msrp }: Description['streams'][number]): boolean => {
    if (!held.some((stream) => stream.index === index && stream.session !== '')) return false;
    const previous = known.ok ? known.value.streams.find((stream) => stream.index === index) : undefined;
    return previous !== undefined && isSamePath(previous.msrp, msrp);
  };
  return { kept: after.streams.filter(isKept), fresh: after.streams.filter((stream) => !isKept(stream)) };
}
