import { createHash, timingSafeEqual } from 'node:crypto';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { RoomPolicy } from './policy.ts';
import type { Room } from './room.ts';
import { isBanned, isMember } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

/** Who wants to come in, and how many are on their way already. */
export interface Applicant {
  /** Authenticated address-of-record; empty when nobody vouches for one. */
  readonly identity: string;
  /** What it said as the password of the room; empty: nothing. */
  readonly password: string;
  readonly othersJoining: number;
  /** Whether the conference factory makes the room for it. */
  readonly byFactory: boolean;
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
  applicant: Applicant,
  { roomCreate, defaults }: Surroundings,
): Result<RoomPolicy, Refusal> {
  const { identity, othersJoining, byFactory } = applicant;
  if (identity === '') return err(forbidden('expected an authenticated sender'));
  if (room === undefined) {
    if (roomCreate === 'anyone' || byFactory) return ok({ ...defaults, persistent: false });
    return err(refusal(404, 'Not Found', 'no such room, and rooms are not made by joining them'));
  }
  const { policy, participants } = room;
  const why = objection(room, applicant);
  if (why !== undefined) return err(forbidden(why));
  if (policy.maxParticipants > 0 && participants.size + othersJoining >= policy.maxParticipants) {
    return err(refusal(486, 'Busy Here', `this room is full: ${policy.maxParticipants} participants`));
  }
  return ok(policy);
}

/**
 * What the policy has against somebody; undefined for nothing.
 *
 * @note SIP has no field for the password of a room; clients put it into the URI that they call, behind the room's name
 * (RFC 3261 §19.1.1, userinfo).
 */
function objection(room: Room, { identity, password }: Applicant): string | undefined {
  if (isBanned(room, identity)) return 'this room does not let you in';
  if (isMember(room, identity)) return undefined;
  if (room.policy.membersOnly) return 'this room is for its members';
  if (room.policy.password === '' || isSame(password, room.policy.password)) return undefined;
  return 'this room has a password: call sip:room:password@domain';
}

/** Compares in a time that tells nothing. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function forbidden(message: string): Refusal {
  return refusal(403, 'Forbidden', message);
}
