import { replyMessage } from '../adapters/answer-message.ts';
import type { Decision, Effect } from '../room/decision.ts';
import { done } from '../room/decision.ts';
import type { Room } from '../room/room.ts';
import type { Reply, RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

/** Something that needs only the room, and that may be carried out together with others of its kind. */
export interface GatheredStep {
  /** Harmless when it is decided twice: the log of the room does not remember it. */
  readonly decide: (room: Room | undefined) => Decision;
  readonly reply: Reply;
}

/** Puts a step aside until the messages that wait already have been looked at: many who come at once cost one write. */
export function gather({ context, state }: RoomDesk, step: GatheredStep): void {
  if (state.gathered.length === 0) context.tellSelf({ kind: 'CarryOutGathered' });
  state.gathered.push(step);
}

/** Decides all that was gathered in its order, and commits it at once. */
export async function carryOutGathered(desk: RoomDesk): Promise<void> {
  const { state } = desk;
  const effects: Effect[] = [];
  const answers: (() => void)[] = [];
  let { room } = state.stored;
  for (const { decide, reply } of state.gathered.splice(0)) {
    const decision = decide(room);
    ({ room } = decision);
    effects.push(...decision.effects);
    answers.push(() => {
      reply(replyMessage(decision.answer));
    });
  }
  await commit(desk, { room, answer: done, effects }, '', () => {
    for (const answer of answers) answer();
  });
}
