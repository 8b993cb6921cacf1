import type { NicknameKey } from '@parley/precis';
import type { Scope } from './reservation.ts';

/** Milliseconds after which the focus has heard of a nickname, or never will: longer than a switch goes on telling it. */
export const settledAfter = 120_000;

/** A use of a nickname that may be over without anybody having said so. */
export interface DoubtfulUse {
  readonly nickname: string;
  readonly holder: string;
  readonly room: string;
}

/**
 * Where a nickname that somebody else wants is said to be used, long enough for the roster of the room to show whether it
 * is: a focus that died may have stored that the holder left, and never said so here.
 */
export function doubtfulUses(scope: Scope, key: NicknameKey, now: number): readonly DoubtfulUse[] {
  const reservation = scope.get(key);
  if (reservation === undefined) return [];
  const { nickname, holder, uses } = reservation;
  return [...uses]
    .filter(([, since]) => since + settledAfter < now)
    .map(([room]): DoubtfulUse => ({ nickname, holder, room }));
}
