import { recallCommand, recordCommand } from '@parley/actor';
import { done } from '../room/decision.ts';
import type { Newcomer } from '../room/join.ts';
import { isHere } from '../room/room.ts';
import { call } from './calling.ts';
import type { RoomDesk } from './room-state.ts';

/**
 * Those whom a newcomer named in its INVITE are called as soon as it is in, once for its command; who is there already, or is
 * being called, is left alone, and who cannot be called is counted.
 *
 * @spec RFC 5366 §5
 */
export function inviteGuests(desk: RoomDesk, commandId: string, { participant, guests }: Newcomer): void {
  const { state } = desk;
  const { room } = state.stored;
  const inviter = room?.participants.get(participant);
  if (room === undefined || inviter === undefined || guests.called.length === 0) return;
  if (recallCommand(state.invited, commandId) !== undefined) return;
  state.invited = recordCommand(state.invited, commandId, done);
  // Where members are hidden, so is who may become one.
  const history = room.policy.hideMembers ? undefined : guests.history;
  const ringing = new Set(state.calls.values());
  for (const guest of guests.called) {
    if (ringing.has(guest) || isHere(room, guest)) continue;
    const called = call(desk, guest, { referrer: inviter.uri, history });
    if (!called.ok) desk.around.events.callFailed(desk.state.uri, called.error.status);
  }
}
