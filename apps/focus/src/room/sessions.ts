import { dialogId } from '@parley/sip-stack';
import { isMsrp, streamOf, withBound, withoutSession } from '../media/msrp-media.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import { dialogOwner } from './dialog-owner.ts';
import { takeOut } from './leave.ts';
import type { Room } from './room.ts';
import { participantsOf, withEach, withParticipant } from './room.ts';

/** Milliseconds in which the devices of a switch that is gone have to be bound at another one. */
export const rebindTime = 10_000;

/** Who is bound at a session. */
export interface BoundSession {
  readonly participant: string;
  readonly session: string;
}

/** Sessions of participants have their connections, in the order in which they got them. */
export function participantsBound(room: Room | undefined, bound: readonly BoundSession[]): Decision {
  return bound.reduce<Decision>(
    (before, { participant, session }) => participantBound(before.room, participant, session),
    unchanged(room, done),
  );
}

/** The session of a participant has its connection. News of a session that it no longer has is no news. */
export function participantBound(room: Room | undefined, id: string, session: string): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const { media } = participant;
  if (!isMsrp(media) || streamOf(media, session)?.bound !== false) return unchanged(room, done);
  const bound = { ...participant, media: withBound(media, session) };
  return { room: withParticipant(room, bound), answer: done, effects: [] };
}

/** A session is gone, and the participant with its last one. */
export function participantLost(room: Room | undefined, id: string, session: string, reason: string): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const { media: before } = participant;
  if (!isMsrp(before) || streamOf(before, session) === undefined) return unchanged(room, done);
  const media = withoutSession(before, session);
  if (media !== undefined) return { room: withParticipant(room, { ...participant, media }), answer: done, effects: [] };
  const departure = { reason: reason === '' ? 'the session is gone' : reason, sendBye: true, closeSessions: false };
  return { ...takeOut(room, [participant], departure), answer: done };
}

/**
 * A switch is gone: its participants stay for a while without a connection, and are offered a path at a living one.
 *
 * @param now - milliseconds since 1970
 * @spec RFC 6135 §4.2, RFC 3264 §8
 */
export function switchLost(room: Room | undefined, switchInstance: string, now: number): Decision {
  if (room === undefined) return unchanged(room, done);
  const stranded = new Set(participantsOf(room).index.bySwitch.of(switchInstance));
  if (stranded.size === 0) return unchanged(room, done);
  const bindBy = now + rebindTime;
  const parted = withEach(room, (one) =>
    stranded.has(one.id) ? { ...one, media: one.media.kind.withoutSwitch(one.media, switchInstance, bindBy) } : one,
  );
  return { room: parted, answer: done, effects: [...stranded].map((participant) => ({ kind: 'Rehome', participant })) };
}

/** A nickname was granted or given back: all devices of its holder have it, as the reservation is the user's. */
export function nicknameChanged(room: Room | undefined, id: string, nickname: string): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const devices = [...participantsOf(room).index.byIdentity.of(participant.identity)];
  const renamed = devices.reduce((before, device) => {
    const one = before.participants.get(device);
    return one === undefined ? before : withParticipant(before, { ...one, nickname });
  }, room);
  return { room: renamed, answer: done, effects: [] };
}

/** No ACK came for a 200: the dialog is ended by a BYE. @spec RFC 3261 §13.3.1.4 */
export function ackTimedOut(
  room: Room | undefined,
  tags: { readonly callId: string; readonly localTag: string; readonly remoteTag: string },
): Decision {
  const participant = dialogOwner(room, dialogId(tags));
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const departure = { reason: 'no ACK', sendBye: true, closeSessions: true };
  return { ...takeOut(room, [participant], departure), answer: done };
}

/** When accounts were removed, by the identity that they had: wall time in milliseconds. */
export type RemovedIdentities = ReadonlyMap<string, number>;

/** Accounts are no more: all their devices have to leave, and none of who joined as a successor of the same name. */
export function accountsRemoved(room: Room | undefined, removed: RemovedIdentities): Decision {
  const theirs = [...(room?.participants.values() ?? [])].filter(
    ({ identity, joinedAt }) => joinedAt <= (removed.get(identity) ?? -Infinity),
  );
  if (room === undefined || theirs.length === 0) return unchanged(room, done);
  return {
    ...takeOut(room, theirs, { reason: 'the account is gone', sendBye: true, closeSessions: true }),
    answer: done,
  };
}
