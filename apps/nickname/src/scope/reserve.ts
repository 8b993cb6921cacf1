import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { NicknameKey } from '@parley/precis';
import { enforceNickname, nicknameKey } from '@parley/precis';
import type { Entitlement } from './entitlement.ts';
import { isEntitled } from './entitlement.ts';
import type { Reservation, Scope, ScopeChange } from './reservation.ts';
import { isOver, usedBy } from './reservation.ts';

/** Somebody wants a nickname in a room; an empty one means none. */
export interface ReserveWish {
  readonly commandId: string;
  readonly nickname: string;
  readonly holder: string;
  readonly room: string;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/** What a change of nickname comes to. */
export interface ReservePlan {
  /** The nickname as others will see it; empty: none. */
  readonly nickname: string;
  /** What the holder had in this room; empty: none. */
  readonly previous: string;
  /** In this order: first what is taken, which must win its compare-and-set, then what is let go. */
  readonly changes: readonly ScopeChange[];
}

/**
 * Decides about a nickname. The old one is let go only after the new one is taken, so that a failed change keeps it; and
 * only in this room, so that what the holder uses in another room of the same scope stays.
 *
 * @returns 409 when it is not this holder's to have, 400 when it is no nickname
 * @spec draft-ietf-simple-chat-03 §7.1–7.3; RFC 7701 §7.1–7.3
 */
export function reserve(scope: Scope, wish: ReserveWish, entitlement: Entitlement): Result<ReservePlan, Refusal> {
  const held = usedBy(scope, wish.holder, wish.room);
  const previous = held?.nickname ?? '';
  if (wish.nickname === '') return ok({ nickname: '', previous, changes: held ? [without(held, wish.room)] : [] });
  const nickname = enforceNickname(wish.nickname);
  const key = nicknameKey(wish.nickname);
  if (!nickname.ok || !key.ok) return err(malformed);
  const owner = scope.get(key.value);
  if (owner !== undefined && owner.holder !== wish.holder && !isOver(owner, wish.now)) return err(taken);
  if (!isEntitled(key.value, wish.holder, entitlement)) return err(notEntitled);
  const put = { kind: 'put', reservation: taking(owner, nickname.value, key.value, wish) } as const;
  const isOther = held !== undefined && held.key !== key.value;
  return ok({ nickname: nickname.value, previous, changes: isOther ? [put, without(held, wish.room)] : [put] });
}

function taking(
  owner: Reservation | undefined,
  nickname: string,
  key: NicknameKey,
  { holder, room, now, commandId }: ReserveWish,
): Reservation {
  const own = owner?.holder === holder ? owner : undefined;
  const uses = new Map(own?.uses).set(room, now);
  return { nickname, key, holder, uses, reservedAt: own?.reservedAt ?? now, keptUntil: 0, commandId };
}

/** The holder uses it no more in a room, and no more at all where that was the last. */
function without(reservation: Reservation, room: string): ScopeChange {
  const uses = new Map(reservation.uses);
  uses.delete(room);
  return { kind: uses.size === 0 ? 'delete' : 'put', reservation: { ...reservation, uses } };
}

/** The switch chooses the code of its dialect: 423, 424 or 425. */
const malformed = refusal(400, 'Malformed Nickname', 'expected a nickname as RFC 8266 allows it');
const taken = refusal(409, 'Nickname Taken', 'somebody else holds this nickname');
const notEntitled = refusal(409, 'Nickname Reserved', 'this nickname is not for this user');
