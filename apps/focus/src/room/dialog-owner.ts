import { dialogId } from '@parley/sip-stack';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';

/**
 * Whose dialog has an id; undefined where nobody's has. In a room of thousands most Call-IDs are others, and no id is written
 * for them.
 */
export function dialogOwner(room: Room | undefined, id: string): Participant | undefined {
  for (const participant of room?.participants.values() ?? []) {
    const { dialog } = participant;
    if (id.startsWith(dialog.callId) && dialogId(dialog) === id) return participant;
  }
  return undefined;
}
