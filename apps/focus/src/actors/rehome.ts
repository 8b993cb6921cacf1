import { isMsrp } from '../media/msrp-media.ts';
import { wishesAgain } from '../media/session-wish.ts';
import { switchesOf, takeOut } from '../room/leave.ts';
import { done } from '../room/decision.ts';
import { abandoned } from '../room/join.ts';
import { laterPolicy } from '../room/later-policy.ts';
import { isConnected } from '../room/participant.ts';
import { offerNewPaths } from '../room/reoffer.ts';
import type { RoomNews } from './room-messages.ts';
import type { RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

/** Looks for a switch that takes the streams over which a participant has lost; the answer comes as news. */
export function rehome({ around, context, state }: RoomDesk, id: string): void {
  const { room } = state.stored;
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined || !isMsrp(participant.media)) return;
  const homeless = new Set(participant.media.streams.flatMap(({ index, session }) => (session === '' ? [index] : [])));
  // The peer says its path anew when it answers; until then whoever knows the session-id is it.
  const wishes = wishesAgain(room, participant)
    .filter(({ index }) => homeless.has(index))
    .map((wish) => ({ ...wish, peer: undefined }));
  context.whenSettled(around.switches.openAll(state.uri, wishes, switchesOf(room)), (outcome) => ({
    kind: 'Rehomed',
    participant: id,
    said: room.policy,
    outcome,
  }));
}

/** Offers the paths at the new switch; where none is found in time, the participant has to leave. */
export async function rehomed(
  desk: RoomDesk,
  { participant: id, said, outcome }: Extract<RoomNews, { kind: 'Rehomed' }>,
): Promise<void> {
  const { around, state } = desk;
  const { room } = state.stored;
  const opened = outcome.ok && outcome.value.ok ? outcome.value.value : undefined;
  if (opened !== undefined) {
    const offered = offerNewPaths(room, id, opened, around.surroundings());
    const switches = [...opened.values()].map(({ switchInstance }) => switchInstance);
    const told = room === undefined ? [] : laterPolicy(room, said, switches);
    const { effects, ...decided } = offered ?? {
      room,
      answer: done,
      effects: abandoned(opened, 'the participant is gone'),
    };
    await commit(desk, { ...decided, effects: [...told, ...effects] });
    return;
  }
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined || isConnected(participant)) return;
  // A switch may just be starting again; asking for one takes a while where there is none.
  const isMissing = outcome.ok && !outcome.value.ok && outcome.value.error.kind === 'TransportFailure';
  if (isMissing && around.surroundings().now < (participant.media.kind.connectBy(participant.media) ?? 0)) {
    rehome(desk, id);
    return;
  }
  const departure = { reason: 'the switch is gone', sendBye: true, closeSessions: true };
  await commit(desk, { ...takeOut(room, [participant], departure), answer: done });
}
