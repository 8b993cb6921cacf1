import type { Dialog } from '@parley/sip-stack';
import { dialogId } from '@parley/sip-stack';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { participantsOf } from './room.ts';

/** Whose dialog has an id; undefined where nobody's has. */
export function dialogOwner(room: Room | undefined, id: string): Participant | undefined {
  return ownerOf(room, id, ({ dialog }) => dialog);
}

/** Whose dialog with a media server has an id. */
export function legOwner(room: Room | undefined, id: string): Participant | undefined {
  return ownerOf(room, id, ({ leg }) => leg?.dialog);
}

function ownerOf(
  room: Room | undefined,
  id: string,
  dialogOf: (participant: Participant) => Dialog | undefined,
): Participant | undefined {
  const [callId = ''] = id.split('\n', 1);
  for (const each of room === undefined ? [] : participantsOf(room).index.byCall.of(callId)) {
    const participant = room?.participants.get(each);
    const dialog = participant && dialogOf(participant);
    if (dialog !== undefined && dialogId(dialog) === id) return participant;
  }
  return undefined;
}
