import type { Dialog } from '@parley/sip-stack';
import type { MediaLeg } from '../media/media-leg.ts';
import type { ParticipantMedia } from '../media/participant-kind.ts';
import type { SessionTimer } from './session-timer.ts';

/** The way back to a device: the edge that holds its flow. */
export interface Reach {
  readonly edgeInstance: string;
  readonly flow: string;
}

/** One dialog with the focus; a user with two devices in the room is two participants. */
export interface Participant {
  /** Names the participant in commands and events; says nothing about its dialog, whose tags are secrets. */
  readonly id: string;
  /** Authenticated address-of-record; never shown. */
  readonly identity: string;
  /** What the others see: the address-of-record, or an anonymous URI. */
  readonly uri: string;
  /** What it may call itself in messages. */
  readonly uris: readonly string[];
  /** Empty: none. */
  readonly nickname: string;
  readonly displayName: string;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  readonly dialog: Dialog;
  readonly reach: Reach;
  readonly media: ParticipantMedia;
  /** Undefined: its audio and video, if it offered any, are refused. */
  readonly leg?: MediaLeg | undefined;
  /** Undefined: the session does not expire. @spec RFC 4028 */
  readonly timer: SessionTimer | undefined;
  /** Whether the focus called it. @spec RFC 4579 §5.5 */
  readonly dialedOut: boolean;
  /** Event of its subscription to the room within this dialog; undefined: it has none. @spec RFC 6665 §4.5.2 */
  readonly watch?: string | undefined;
  /** Id of the command that brought it in. */
  readonly joinCommand: string;
}

/** Whether messages reach it now. */
export function isConnected({ media }: Participant): boolean {
  return media.kind.isConnected(media);
}

/** Whether it wants to hear nothing for now. */
export function isOnHold({ media }: Participant): boolean {
  return media.kind.isOnHold(media);
}
