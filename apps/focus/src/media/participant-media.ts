import type { Effect } from '../room/decision.ts';

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
export interface MsrpMedia {
  readonly kind: 'msrp';
  readonly streams: readonly MsrpStream[];
  /** What was negotiated last: our description and the participant's. */
  readonly localSdp: Uint8Array;
  /** Empty as long as the participant has not answered our first offer. */
  readonly remoteSdp: Uint8Array;
  /** Whether ours is an offer without an answer so far. */
  readonly isOffering: boolean;
  /** Milliseconds since 1970 when it has to be connected again; undefined where nothing was lost. */
  readonly bindBy?: number | undefined;
}

/**
 * How a participant hears the room and speaks to it: its inbox. Rooms know of it what the functions here tell; ways
 * without sessions, such as page mode, are further members of this union.
 */
export type ParticipantMedia = MsrpMedia;

/** Whether messages reach the participant now. */
export function isConnected({ streams }: ParticipantMedia): boolean {
  return streams.some(({ bound }) => bound);
}

/** Whether the participant wants to hear nothing for now. */
export function isOnHold({ streams }: ParticipantMedia): boolean {
  return streams.length > 0 && streams.every(({ paused }) => paused);
}

/** Tells the switches that a participant depends on, perhaps one several times. */
export function eachSwitch({ streams }: ParticipantMedia, tell: (instance: string) => unknown): void {
  for (const { switchInstance } of streams) if (switchInstance !== '') tell(switchInstance);
}

/** Whether a participant depends on a switch. */
export function isAtSwitch({ streams }: ParticipantMedia, instance: string): boolean {
  return streams.some(({ switchInstance }) => switchInstance === instance);
}

/** Whether news of a session at a switch is news of these media. */
export function hasSession({ streams }: ParticipantMedia, session: string): boolean {
  return streams.some((stream) => stream.session === session);
}

/** Whether media differ in nothing but which of their sessions have a connection. */
export function isAlikeButForBinding(a: ParticipantMedia, b: ParticipantMedia): boolean {
  const names = Object.keys({ ...a, ...b }) as (keyof ParticipantMedia)[]; // built by us, so it has no others
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
export function withBound(media: ParticipantMedia, session: string): ParticipantMedia {
  const streams = media.streams.map((stream) => (stream.session === session ? { ...stream, bound: true } : stream));
  return { ...media, streams, bindBy: undefined };
}

/** The media without a session that is gone; undefined when it was the last one. */
export function withoutSession(media: ParticipantMedia, session: string): ParticipantMedia | undefined {
  const streams = media.streams.filter((stream) => stream.session !== session);
  return streams.length === 0 ? undefined : { ...media, streams };
}

/** The media of somebody whose switch is gone, until another one takes its streams over. @param bindBy - ms since 1970 */
export function withoutSwitch(media: ParticipantMedia, instance: string, bindBy: number): ParticipantMedia {
  const streams = media.streams.map((stream) =>
    stream.switchInstance === instance ? { ...stream, switchInstance: '', session: '', bound: false } : stream,
  );
  return { ...media, streams, bindBy };
}

/** What ends the media of a participant that leaves. */
export function closing({ streams }: ParticipantMedia, reason: string): readonly Effect[] {
  return streams
    .filter(({ session }) => session !== '')
    .map(({ switchInstance, session }) => ({ kind: 'CloseSession', switchInstance, session, reason }));
}
