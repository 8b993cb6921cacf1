import type { Decision, Effect, HeldNickname } from './decision.ts';
import { done, unchanged } from './decision.ts';
import type { Room } from './room.ts';
import { nicknameChanged } from './sessions.ts';

/**
 * What becomes of the nicknames of a room whose scope has changed: each is reserved where it has to be unique now, and let go
 * where it was.
 *
 * @spec draft-ietf-simple-chat-03 §7, RFC 7701 §7 (unique within the scope)
 */
export function movedNicknames(before: Room, after: Room): readonly Effect[] {
  const from = before.policy.nicknameScope;
  if (from === after.policy.nicknameScope) return [];
  const held = new Map<string, HeldNickname>();
  for (const { id: participant, identity: holder, nickname } of after.participants.values()) {
    if (nickname !== '' && !held.has(holder)) held.set(holder, { participant, holder, nickname });
  }
  return [...held.values()].map((one): Effect => ({ kind: 'MoveNickname', from, held: one }));
}

/** Somebody else has the nickname in the new scope: who had it here has none, unless it has taken another one by now. */
export function nicknameTaken(room: Room | undefined, { participant, holder, nickname }: HeldNickname): Decision {
  const current = room?.participants.get(participant);
  const device = current ?? [...(room?.participants.values() ?? [])].find(({ identity }) => identity === holder);
  if (device?.nickname !== nickname) return unchanged(room, done);
  return nicknameChanged(room, device.id, '');
}
