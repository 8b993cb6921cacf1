import { goneOver } from '../room/gone-over.ts';
import type { Invitation } from '../room/invitation.ts';
import { joinedByCopy, merged, sharedByCopies } from '../room/merged.ts';
import type { Reach } from '../room/participant.ts';
import { refusing } from './refusing.ts';
import type { RoomNews } from './room-messages.ts';
import type { RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

/** A copy of an INVITE by another way: merged, unless the edge that took the first one, and answers it, is no more. */
export function takeCopy(desk: RoomDesk, invitation: Invitation, first: Reach): void {
  const { around, context } = desk;
  if (first.edgeInstance === invitation.reach.edgeInstance) {
    context.reply(refusing(desk, invitation, merged));
    return;
  }
  const reply = context.deferReply();
  const looked = around.edges.isGone(first.edgeInstance);
  context.whenSettled(looked, (gone) => {
    return { kind: 'CopyLooked', invitation, reply, isAlone: gone.ok && gone.value };
  });
}

/** Answers a copy when it is known whether the first one still has its transaction. */
export async function copyLooked(desk: RoomDesk, news: Extract<RoomNews, { kind: 'CopyLooked' }>): Promise<void> {
  const { around, context, state } = desk;
  const { invitation, isAlone, reply } = news;
  const waiting = state.joins.get(sharedByCopies(invitation));
  if (isAlone && waiting !== undefined) {
    waiting.replies.push(() => {
      context.tellSelf(news);
    });
    return;
  }
  const { room } = state.stored;
  const known = isAlone ? joinedByCopy(room, invitation, around.surroundings().now) : undefined;
  const decision = room && known && goneOver(room, known, invitation);
  if (decision === undefined) reply(refusing(desk, invitation, merged));
  else await commit(desk, decision, '', reply);
}
