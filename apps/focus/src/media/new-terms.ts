import type { Effect } from '../room/decision.ts';
import type { Participant } from '../room/participant.ts';
import type { Room } from '../room/room.ts';
import { isMsrp } from './msrp-media.ts';
import { wishesAgain } from './session-wish.ts';

/** Tells the switches of a participant under what terms its sessions go on. */
export function newTerms(room: Room, participant: Participant): readonly Effect[] {
  const { media } = participant;
  if (!isMsrp(media)) return [];
  const wishes = new Map(wishesAgain(room, participant).map((wish) => [wish.index, wish]));
  return media.streams.flatMap(({ index, switchInstance, session }): readonly Effect[] => {
    const wish = wishes.get(index);
    if (wish === undefined || session === '') return [];
    return [{ kind: 'ChangeSession', switchInstance, session, wish }];
  });
}
