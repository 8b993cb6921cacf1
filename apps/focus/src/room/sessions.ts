import { dialogId } from '@parley/sip-stack';
import { isSession, switchOf } from '../media/participant-media.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import { takeOut } from './leave.ts';
import type { Room } from './room.ts';
import { withEach, withParticipant } from './room.ts';

/** The session of a participant has its connection. News of a session that it no longer has is no news. */
export function participantBound(room: Room | undefined, id: string, session: string): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined || !isSession(participant.media, session)) {
    return unchanged(room, done);
  }
  if (participant.media.bound) return unchanged(room, done);
  const bound = { ...participant, media: { ...participant.media, bound: true } };
  return { room: withParticipant(room, bound), answer: done, effects: [] };
}

/** The session is gone, and the participant with it. */
export function participantLost(room: Room | undefined, id: string, session: string, reason: string): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined || !isSession(participant.media, session)) {
    return unchanged(room, done);
  }
  const departure = { reason: reason === '' ? 'the session is gone' : reason, sendBye: true, closeSessions: false };
  return { ...takeOut(room, [participant], departure), answer: done };
}

/** A switch died: its participants are out and get a BYE; who joins again gets a session at a living one. */
export function switchLost(room: Room | undefined, switchInstance: string): Decision {
  if (room === undefined) return unchanged(room, done);
  const stranded = [...room.participants.values()].filter(({ media }) => switchOf(media) === switchInstance);
  if (stranded.length === 0) return unchanged(room, done);
  const departure = { reason: 'the switch is gone', sendBye: true, closeSessions: false };
  return { ...takeOut(room, stranded, departure), answer: done };
}

/** A nickname was granted or given back: all devices of its holder have it, as the reservation is the user's. */
export function nicknameChanged(room: Room | undefined, id: string, nickname: string): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const { identity } = participant;
  const renamed = withEach(room, (one) => (one.identity === identity ? { ...one, nickname } : one));
  return { room: renamed, answer: done, effects: [] };
}

/** No ACK came for a 200: the dialog is ended by a BYE. @spec RFC 3261 §13.3.1.4 */
export function ackTimedOut(
  room: Room | undefined,
  tags: { readonly callId: string; readonly localTag: string; readonly remoteTag: string },
): Decision {
  const id = dialogId(tags);
  const participant = [...(room?.participants.values() ?? [])].find(({ dialog }) => dialogId(dialog) === id);
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const departure = { reason: 'no ACK', sendBye: true, closeSessions: true };
  return { ...takeOut(room, [participant], departure), answer: done };
}
