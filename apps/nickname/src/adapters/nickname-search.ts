import type { RoomAsker } from '@parley/bus';
import { roomPages } from '@parley/bus';

/** Milliseconds for a page of a roster. */
const patience = 5000;

/** Whether somebody in a room has a nickname; undefined when the focus does not say. */
export type IsNicknameUsed = (room: string, nickname: string) => Promise<boolean | undefined>;

/** Asks the focus, page by page. */
export function nicknameSearch(asker: RoomAsker): IsNicknameUsed {
  return async (room, nickname) => {
    for await (const page of roomPages(asker, room, patience)) {
      if (!page.ok) return page.error.status === 404 ? false : undefined;
      if (page.value.participants.some((participant) => participant.nickname === nickname)) return true;
    }
    return false;
  };
}
