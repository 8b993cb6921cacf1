import type { Room } from './room.ts';

/** Whoever a policy speaks of: a room, or what it would be like. */
type Governed = Pick<Room, 'policy' | 'creator'>;

/** Whether an address-of-record belongs to the members of a room; its creator always does. */
export function isMember({ policy, creator }: Governed, identity: string): boolean {
  return isCreator({ creator }, identity) || policy.members.includes(identity);
}

/** Whether somebody made the room. Of one that an operator made, nobody did. */
export function isCreator({ creator }: Pick<Governed, 'creator'>, identity: string): boolean {
  return identity !== '' && identity === creator;
}

/** Whether somebody may not be in the room. */
export function isBanned({ policy }: Pick<Governed, 'policy'>, identity: string): boolean {
  return policy.banned.includes(identity);
}

/** Whether the policy, as it is now, lets somebody stay. */
export function mayStay(room: Governed, identity: string): boolean {
  return !isBanned(room, identity) && (!room.policy.membersOnly || isMember(room, identity));
}

/** Whether somebody is heard by all where the room is moderated. */
export function isSpeaker(room: Governed, identity: string): boolean {
  return isCreator(room, identity) || room.policy.speakers.includes(identity);
}
