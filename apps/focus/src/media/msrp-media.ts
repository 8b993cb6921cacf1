import type { ParticipantMedia } from './participant-kind.ts';

/** One stream of messages over MSRP, at a switch. */
export interface MsrpStream {
  /** Position among the m-lines of the dialog. */
  readonly index: number;
  /** Empty while it is looking for another switch. */
  readonly switchInstance: string;
  /** Session-id of the path that the switch gave. */
  readonly session: string;
  /** Whether it has a connection. */
  readonly bound: boolean;
  /** Whether the participant wants to hear nothing for now. */
  readonly paused: boolean;
}

/** Media negotiated in a dialog: streams over MSRP. */
export interface MsrpMedia extends ParticipantMedia {
  readonly streams: readonly MsrpStream[];
  /** What was negotiated last: our description and the participant's. */
  readonly localSdp: Uint8Array;
  /** Empty as long as the participant has not answered our first offer. */
  readonly remoteSdp: Uint8Array;
  /** Whether ours is an offer without an answer so far. */
  readonly isOffering: boolean;
  /** CSeq number of the request of ours with that offer, open or answered; undefined: it stands in a response. */
  readonly offeredIn?: number | undefined;
  /** Milliseconds since 1970 when our last offer was answered; undefined: it was not, or there was none. */
  readonly answeredAt?: number | undefined;
  /** Whether an offer of ours has still to be made, when the one that is open is answered. @spec RFC 3261 §14.1 */
  readonly owesOffer?: boolean | undefined;
  /** Milliseconds since 1970 when it has to be connected again; undefined where nothing was lost. */
  readonly bindBy?: number | undefined;
}

/** Whether a participant takes part over MSRP. */
export function isMsrp(media: ParticipantMedia): media is MsrpMedia {
  return media.kind.name === 'msrp';
}

/** The stream of a participant that has a session; undefined where news of that session is news of somebody else. */
export function streamOf(media: ParticipantMedia, session: string): MsrpStream | undefined {
  return isMsrp(media) ? media.streams.find((stream) => stream.session === session) : undefined;
}

/** Whether an offer of ours waits for its answer. */
export function isOffering(media: ParticipantMedia): boolean {
  return isMsrp(media) && media.isOffering;
}

/** Whether an offer of ours has still to be made. */
export function owesOffer(media: ParticipantMedia): boolean {
  return isMsrp(media) && media.owesOffer === true;
}

/** The media while an offer of ours waits for its answer, or no longer. @param offeredIn - as {@link MsrpMedia} has it */
export function withOffer(media: ParticipantMedia, isOpen: boolean, offeredIn?: number): ParticipantMedia {
  if (!isMsrp(media)) return media;
  const offered: MsrpMedia = { ...media, isOffering: isOpen, offeredIn };
  return offered;
}

/** The media with an offer of ours that has still to be made, or without it. */
export function withOwedOffer(media: ParticipantMedia, owed: true | undefined): ParticipantMedia {
  if (!isMsrp(media)) return media;
  const owing: MsrpMedia = { ...media, owesOffer: owed };
  return owing;
}

/** Whether media differ in nothing but which of their sessions have a connection. */
export function isAlikeButForBinding(a: ParticipantMedia, b: ParticipantMedia): boolean {
  if (!isMsrp(a) || !isMsrp(b)) return a === b;
  const names = Object.keys({ ...a, ...b }) as (keyof MsrpMedia)[]; // built by us, so it has no others
  return (
    names.every((name) => name === 'streams' || a[name] === b[name]) &&
    a.streams.length === b.streams.length &&
    a.streams.every((stream, at) => {
      const other = b.streams[at];
      const { index, switchInstance, session, paused } = stream;
      const isSamePlace = switchInstance === other?.switchInstance && session === other.session;
      return isSamePlace && index === other.index && paused === other.paused;
    })
  );
}

/** The media with a session that got its connection. */
export function withBound(media: MsrpMedia, session: string): MsrpMedia {
  const streams = media.streams.map((stream) => (stream.session === session ? { ...stream, bound: true } : stream));
  return { ...media, streams, bindBy: undefined };
}

/** The media without a session that is gone; undefined when it was the last one. */
export function withoutSession(media: MsrpMedia, session: string): MsrpMedia | undefined {
  const streams = media.streams.filter((stream) => stream.session !== session);
  return streams.length === 0 ? undefined : { ...media, streams };
}
