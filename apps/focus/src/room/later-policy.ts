import type { Effect } from './decision.ts';
import type { Participant } from './participant.ts';
import type { RoomPolicy } from './policy.ts';
import type { Room } from './room.ts';

/**
 * What switches hear that were asked for sessions under a policy that has changed meanwhile: to those that held nobody of the
 * room then, nobody said so.
 *
 * @param said - the policy that they were told
 */
export function laterPolicy({ policy }: Room, said: RoomPolicy, switches: Iterable<string>): readonly Effect[] {
  if (isSame(said, policy)) return [];
  return [...new Set(switches)].map((switchInstance) => ({ kind: 'UpdateHub', switchInstance, policy }));
}

/** The same for the switches of a participant, of whose voice the policy may say something else now. */
export function laterTerms(room: Room, said: RoomPolicy, participant: Participant): readonly Effect[] {
  if (isSame(said, room.policy)) return [];
  const { kind } = participant.media;
  const switches: string[] = [];
  kind.eachSwitch(participant.media, (name) => switches.push(name));
  return [...laterPolicy(room, said, switches), ...kind.changeTerms(room, participant)];
}

/** Lists that nobody changed are the same ones. */
function isSame(one: RoomPolicy, other: RoomPolicy): boolean {
  const names = Object.keys({ ...one, ...other }) as (keyof RoomPolicy)[]; // built by us, so it has no others
  return one === other || names.every((name) => one[name] === other[name]);
}
