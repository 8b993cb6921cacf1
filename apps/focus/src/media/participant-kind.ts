import type { Result } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import type { Effect } from '../room/decision.ts';
import type { Participant } from '../room/participant.ts';
import type { Room } from '../room/room.ts';
import type { Surroundings } from '../room/surroundings.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import type { Description, StreamTransport } from './offer.ts';
import type { OpenedSessions } from './opened-session.ts';
import type { MediaLines } from './other-media.ts';
import type { Holder, SessionWish } from './session-wish.ts';

/** How a participant hears the room and speaks to it: its inbox. What else there is to it, its kind alone knows. */
export interface ParticipantMedia {
  readonly kind: ParticipantKind;
}

/** Who asks for an inbox, and with what. */
export interface InboxWish {
  readonly room: Pick<Room, 'policy' | 'creator'>;
  readonly holder: Holder;
  /** Undefined: it makes no offer. */
  readonly sdp: Uint8Array | undefined;
  /** How a device on its connection would connect streams. */
  readonly transport: StreamTransport;
}

/** What an inbox takes before it can be opened. */
export interface PlannedInbox {
  readonly kind: ParticipantKind;
  /** Undefined: there is none. */
  readonly offer: Description | undefined;
  /** Sessions at a switch; none: it needs none. */
  readonly wishes: readonly SessionWish[];
}

/** What an inbox is opened with. */
export interface InboxMeans {
  readonly opened: OpenedSessions;
  /** What a media server answers to other lines of the offer. */
  readonly others: MediaLines;
  readonly policy: Room['policy'];
  readonly surroundings: Surroundings;
}

/**
 * What a room asks of a way to take part in it: all that it knows of those who do. Streams over MSRP are one kind; whoever
 * takes part in another is let in, shown, spoken to and sent away by the same decisions.
 *
 * @spec RFC 4353 §3 (a focus knows participants, not their media)
 */
export interface ParticipantKind<Media = ParticipantMedia> {
  readonly name: string;
  /** Whether who sends such an INVITE wants to take part in this way. */
  takes(request: SipRequest): boolean;
  /** What it takes to let somebody in. @returns a refusal to what it offers */
  plan(wish: InboxWish): Result<PlannedInbox, SipRefusal>;
  /** The inbox of who is let in. */
  open(plan: PlannedInbox, means: InboxMeans): Media;
  /** Our description, for a 2xx; empty: nothing is described. */
  description(media: Media): Uint8Array;
  /** Whether messages reach it now. */
  isConnected(media: Media): boolean;
  /** Whether it wants to hear nothing for now. */
  isOnHold(media: Media): boolean;
  /** Tells the switches that it depends on, perhaps one several times. */
  eachSwitch(media: Media, tell: (instance: string) => unknown): void;
  /** Without a switch that is gone, to be connected again by `bindBy`, in milliseconds since 1970. */
  withoutSwitch(media: Media, instance: string, bindBy: number): Media;
  /** Milliseconds since 1970 by which it has to be connected; undefined: nothing was lost. */
  connectBy(media: Media): number | undefined;
  /** What says under which terms it goes on: whether it is heard by all, and by what policy. */
  changeTerms(room: Room, participant: Participant): readonly Effect[];
  /** What the room says to it; those at a switch hear it from there. */
  deliver(room: Room, participant: Participant, text: string): readonly Effect[];
  /** What ends it. */
  close(media: Media, reason: string): readonly Effect[];
}
