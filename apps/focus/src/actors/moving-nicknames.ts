import type { Effect } from '../room/decision.ts';
import { nicknameTaken } from '../room/nickname-scope.ts';
import type { RoomNews } from './room-messages.ts';
import type { RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

/** Takes a nickname in the scope that the room has now, and lets go of it in the one before. */
export function moveNickname(desk: RoomDesk, { from, held }: Extract<Effect, { kind: 'MoveNickname' }>): void {
  const { around, context, state } = desk;
  const { nicknames, events } = around;
  const to = from === 'room' ? 'domain' : 'room';
  const moving = nicknames.reserve(state.uri, to, held).then(async (isHeld) => {
    if (isHeld === undefined || !(await nicknames.release(state.uri, from, held.holder))) {
      events.effectFailed(state.uri, 'MoveNickname');
    }
    return isHeld;
  });
  context.whenSettled(moving, (outcome) => ({
    kind: 'NicknameMoved',
    held,
    isHeld: outcome.ok ? outcome.value : undefined,
  }));
}

/** Who could not have its nickname in the new scope has none. */
export async function nicknameMoved(
  desk: RoomDesk,
  { held, isHeld }: Extract<RoomNews, { kind: 'NicknameMoved' }>,
): Promise<void> {
  if (isHeld === false) await commit(desk, nicknameTaken(desk.state.stored.room, held));
}
