import type { Refusal } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { Decision, Effect } from './decision.ts';
import { done, refused, unchanged } from './decision.ts';
import { switchesOf, takeOut } from './leave.ts';
import { movedNicknames } from './nickname-scope.ts';
import type { PolicyChange } from './policy.ts';
import type { RoomUri } from './room-uri.ts';
import type { Room } from './room.ts';
import { newRoom } from './room.ts';
import { isSpeaker, mayStay } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

/** Makes a room that lasts, unless the policy says otherwise. @returns 409 when it exists */
export function createRoom(
  room: Room | undefined,
  uri: RoomUri,
  change: PolicyChange,
  { defaults, now }: Surroundings,
): Decision {
  if (room !== undefined) return unchanged(room, refused(refusal(409, 'Conflict', 'the room exists')));
  const created = newRoom(uri, { ...defaults, ...change }, '', now);
  return { room: created, answer: { kind: 'room', room: created }, effects: [] };
}

/** Changes what is named; who may not be in the room any more has to go. */
export function setPolicy(room: Room | undefined, change: PolicyChange): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const changed = { ...room, policy: { ...room.policy, ...change } };
  const expelled = [...room.participants.values()].filter(({ identity }) => !mayStay(changed, identity));
  const departure = { reason: 'the policy of the room has changed', sendBye: true, closeSessions: true };
  // Who leaves had its nickname in the scope that was.
  const { nicknameScope } = room.policy;
  const leaving = { ...changed, policy: { ...changed.policy, nicknameScope } };
  const { room: left, effects } =
    expelled.length === 0 ? { room: changed, effects: [] } : takeOut(leaving, expelled, departure);
  const after = left && { ...left, policy: changed.policy };
  const moved = after === undefined ? [] : movedNicknames(room, after);
  const told = [...policyNews(changed), ...(change.speakers === undefined ? [] : voiceNews(room, changed))];
  return { room: after, answer: { kind: 'room', room: after ?? changed }, effects: [...told, ...moved, ...effects] };
}

function policyNews(room: Room): readonly Effect[] {
  const { policy } = room;
  return switchesOf(room).map((switchInstance) => ({ kind: 'UpdateHub', switchInstance, policy }));
}

/** What switches are told of those who may speak from now on, or may not any more. */
function voiceNews(before: Room, after: Room): readonly Effect[] {
  return [...after.participants.values()]
    .filter(({ identity }) => isSpeaker(before, identity) !== isSpeaker(after, identity))
    .flatMap((participant) => participant.media.kind.changeTerms(after, participant));
}

/** Ends a room: everybody gets a BYE. @spec RFC 4353 §5.4 */
export function deleteRoom(room: Room | undefined): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const departure = { reason: 'the room was deleted', sendBye: true, closeSessions: true, endRoom: true };
  return { ...takeOut(room, [...room.participants.values()], departure), answer: done };
}

/**
 * Shows a room to somebody.
 *
 * @param identity - address-of-record of who asks; empty: the operator
 * @returns 404, or 403 for a stranger at a room for members alone
 */
export function showRoom(room: Room | undefined, identity: string): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const isOperator = identity === '';
  if (!isOperator && !mayStay(room, identity)) {
    return unchanged(room, refused(refusal(403, 'Forbidden', 'this room is not open to you')));
  }
  return unchanged(room, { kind: 'room', room: isOperator ? room : asSeenBy(room, identity) });
}

/** The room speaks, by every switch that holds participants, and to those who are at none. */
export function announce(room: Room | undefined, text: string): Decision {
  if (room === undefined) return unchanged(room, refused(noSuchRoom));
  const effects: readonly Effect[] = switchesOf(room).map((switchInstance) => ({
    kind: 'Announce',
    switchInstance,
    text,
  }));
  const delivered = [...room.participants.values()].flatMap((one) => one.media.kind.deliver(room, one, text));
  return { room, answer: done, effects: [...effects, ...delivered] };
}

/** Nobody but the operator sees passwords and members, and of hidden participants each sees itself. */
function asSeenBy(room: Room, identity: string): Room {
  const policy = { ...room.policy, password: '', members: [], banned: [], speakers: [] };
  if (!policy.hideMembers) return { ...room, policy };
  const own = [...room.participants].filter(([, participant]) => participant.identity === identity);
  return { ...room, policy, participants: new Map(own) };
}

/** The refusal where no room of the name exists. */
export const noSuchRoom: Refusal = refusal(404, 'Not Found', 'no such room');
