import { dialogId } from '@parley/sip-stack';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { participantsOf } from './room.ts';

/** Whose dialog has an id; undefined where nobody's has. */
export function dialogOwner(room: Room | undefined, id: string): Participant | undefined {
  const [callId = ''] = id.split('\n', 1);
  for (const each of room === undefined ? [] : participantsOf(room).index.byCall.of(callId)) {
    const participant = room?.participants.get(each);
    if (participant !== undefined && dialogId(participant.dialog) === id) return participant;
  }
  return undefined;
}
