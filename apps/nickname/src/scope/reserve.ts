import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { enforceNickname, nicknameKey } from '@parley/precis';
import type { Reservation, Scope } from './reservation.ts';
import { heldBy } from './reservation.ts';

/** Somebody wants a nickname; an empty one means none. */
export interface ReserveWish {
  readonly commandId: string;
  readonly nickname: string;
  readonly holder: string;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/** What is to be stored: first what is taken, then what is let go. Taking must win its compare-and-set. */
export interface ReservePlan {
  readonly take: Reservation | undefined;
  readonly release: readonly Reservation[];
}

/**
 * Decides about a nickname. The old one is let go only after the new one is taken, so that a failed change keeps it.
 *
 * @returns 409 when somebody else has it, 400 when it is no nickname
 * @spec draft-ietf-simple-chat-03 §7.1–7.3; RFC 7701 §7.1–7.3
 */
export function reserve(scope: Scope, wish: ReserveWish): Result<ReservePlan, Refusal> {
  const held = heldBy(scope, wish.holder);
  if (wish.nickname === '') return ok({ take: undefined, release: held });
  const nickname = enforceNickname(wish.nickname);
  const key = nicknameKey(wish.nickname);
  if (!nickname.ok || !key.ok) return err(malformed);
  const owner = scope.get(key.value);
  if (owner !== undefined && owner.holder !== wish.holder) return err(taken);
  const take: Reservation = {
    nickname: nickname.value,
    key: key.value,
    holder: wish.holder,
    reservedAt: wish.now,
    commandId: wish.commandId,
  };
  return ok({ take, release: held.filter((reservation) => reservation.key !== take.key) });
}

/** The switch chooses the code of its dialect: 423, 424 or 425. */
const malformed = refusal(400, 'Malformed Nickname', 'expected a nickname as RFC 8266 allows it');
const taken = refusal(409, 'Nickname Taken', 'somebody else holds this nickname');
