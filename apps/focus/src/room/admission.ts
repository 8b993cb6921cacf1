import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { RoomPolicy } from './policy.ts';
import { isMember } from './policy.ts';
import type { Room } from './room.ts';
import type { Surroundings } from './surroundings.ts';

/** Who wants to come in, and how many are on their way already. */
export interface Applicant {
  /** Authenticated address-of-record; empty when nobody vouches for one. */
  readonly identity: string;
  readonly othersJoining: number;
}

/**
 * Whether the policy lets somebody in, and by which policy. A room that does not exist is made by the first who joins it
 * where settings allow, and ends with the last.
 *
 * @returns 403, 404 or 486
 * @spec draft-ietf-simple-chat-03 §5.2: "As long as the conference policy allows, the INVITE request is accepted"
 */
export function admit(
  room: Room | undefined,
  { identity, othersJoining }: Applicant,
  { roomCreate, defaults }: Surroundings,
): Result<RoomPolicy, Refusal> {
  if (identity === '') return err(refusal(403, 'Forbidden', 'expected an authenticated sender'));
  if (room === undefined) {
    if (roomCreate === 'anyone') return ok({ ...defaults, persistent: false });
    return err(refusal(404, 'Not Found', 'no such room, and rooms are not made by joining them'));
  }
  const { policy, participants, creator } = room;
  const isKnown = isMember(policy, identity) || identity === creator;
  if (policy.membersOnly && !isKnown) return err(refusal(403, 'Forbidden', 'this room is for its members'));
  if (policy.password !== '' && !isKnown) {
    return err(refusal(403, 'Forbidden', 'this room has a password, and only its members come in without'));
  }
  if (policy.maxParticipants > 0 && participants.size + othersJoining >= policy.maxParticipants) {
    return err(refusal(486, 'Busy Here', `this room is full: ${policy.maxParticipants} participants`));
  }
  return ok(policy);
}
