import { field, noParameters } from '@parley/sip';
import { byeRequest } from '@parley/sip-stack';
import type { Decision, Effect } from './decision.ts';
import { endLeg } from './leg-end.ts';
import type { Participant } from './participant.ts';
import type { Participants, Room } from './room.ts';
import { participantsOf } from './room.ts';
import type { RoomUri } from './room-uri.ts';
import { isCreator } from './standing.ts';
import { endWatch } from './watch-end.ts';

/** Why participants leave. */
export interface Departure {
  /** For the switch, and for the Reason of a BYE. */
  readonly reason: string;
  /** Whether the focus ends the dialogs: not when the participant did. */
  readonly sendBye: boolean;
  /** Whether the sessions are still there to be closed. */
  readonly closeSessions: boolean;
  /** Whether the room ends even if its policy would keep it. */
  readonly endRoom?: boolean;
}

/**
 * Takes participants out: their dialogs and sessions end, nicknames that nobody else of the user holds are released, and
 * a room that was made by joining ends with the last of them.
 *
 * @param who - those who leave, all of this room
 * @spec RFC 4353 §5.3, draft-ietf-simple-chat-03 §5.3
 */
export function takeOut(room: Room, who: readonly Participant[], departure: Departure): Omit<Decision, 'answer'> {
  const switches = switchesOf(room);
  const staying = without(room, who);
  const isOrphan = isOrphaned(room, who, staying);
  const orphans = isOrphan ? [...staying.values()] : [];
  const ends = departure.endRoom === true || isOrphan || (staying.size === 0 && !room.policy.persistent);
  const effects = [
    ...who.flatMap((participant) => farewell(room.uri, participant, departure)),
    ...orphans.flatMap((participant) => farewell(room.uri, participant, withCreator)),
    ...releases(room, [...who, ...orphans], isOrphan ? undefined : staying),
    ...(ends ? ending(room, switches, departure.reason) : []),
  ];
  return { room: ends ? undefined : { ...room, participants: staying }, effects };
}

const withCreator: Departure = { reason: 'the room ended with its creator', sendBye: true, closeSessions: true };

function without(room: Room, who: readonly Participant[]): Participants {
  return who.reduce((staying, { id }) => staying.with(id, undefined), participantsOf(room));
}

/** Whether the creator left with the last of its devices, and the room is to end by that. */
function isOrphaned({ policy, creator }: Room, who: readonly Participant[], staying: Participants): boolean {
  if (!policy.endsWithCreator || !who.some(({ identity }) => isCreator({ creator }, identity))) return false;
  return isGone(creator, staying);
}

function farewell(uri: RoomUri, participant: Participant, departure: Departure): readonly Effect[] {
  const { reason, sendBye, closeSessions } = departure;
  const { reach, media, leg } = participant;
  const [lastNotify, dialog] = endWatch(uri, participant);
  const closed = [...endLeg(leg), ...(closeSessions ? media.kind.close(media, reason) : [])];
  if (!sendBye) return [...lastNotify, ...closed];
  const why = field.reason.serialise({ protocol: 'SIP', cause: 200, text: reason, parameters: noParameters });
  const [request] = byeRequest(dialog, { fields: [['Reason', why]] });
  return [...lastNotify, { kind: 'SendRequest', reach, request }, ...closed];
}

/** A nickname goes with the last device of its holder. */
function releases({ policy }: Room, who: readonly Participant[], staying: Participants | undefined): readonly Effect[] {
  const holders = new Set(who.filter(({ nickname }) => nickname !== '').map(({ identity }) => identity));
  return [...holders]
    .filter((holder) => staying === undefined || isGone(holder, staying))
    .map((holder) => ({ kind: 'ReleaseNickname', scope: policy.nicknameScope, holder }));
}

function isGone(identity: string, staying: Participants): boolean {
  const [device] = staying.index.byIdentity.of(identity);
  return device === undefined;
}

/** A room ends: its switches forget it, and so does the history. */
function ending(room: Room, switches: readonly string[], reason: string): readonly Effect[] {
  const closed = switches.map((switchInstance) => ({ kind: 'CloseHub', switchInstance, reason }) as const);
  return room.policy.history === 0 ? closed : [...closed, { kind: 'ForgetHistory' }];
}

/** Switches that hold sessions of a room. */
export function switchesOf(room: Room): readonly string[] {
  return [...participantsOf(room).index.bySwitch.names()];
}
