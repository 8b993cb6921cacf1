import type { Effect } from '../room/decision.ts';

/** A stream over MSRP, at a switch. */
export interface MsrpSession {
  readonly kind: 'msrp';
  readonly switchInstance: string;
  /** Session-id of the path that the switch gave. */
  readonly session: string;
  /** Whether it has a connection. */
  readonly bound: boolean;
  /** What was negotiated last: our description and the participant's. */
  readonly localSdp: Uint8Array;
  readonly remoteSdp: Uint8Array;
}

/** How a participant hears the room and speaks to it. Ways without a session are further members of this union. */
export type ParticipantMedia = MsrpSession;

/** Whether messages reach the participant now. */
export function isConnected(media: ParticipantMedia): boolean {
  return media.bound;
}

/** The switch that a participant depends on. */
export function switchOf(media: ParticipantMedia): string {
  return media.switchInstance;
}

/** Whether news of a session at a switch is news of these media. */
export function isSession(media: ParticipantMedia, session: string): boolean {
  return media.session === session;
}

/** What ends the media of a participant that leaves. */
export function closing(media: ParticipantMedia, reason: string): readonly Effect[] {
  const { switchInstance, session } = media;
  return [{ kind: 'CloseSession', switchInstance, session, reason }];
}
