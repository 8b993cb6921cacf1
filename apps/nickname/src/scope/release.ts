import type { Scope, ScopeChange } from './reservation.ts';
import { isOver } from './reservation.ts';

/** Somebody has left a room. */
export interface Leaving {
  readonly holder: string;
  /** Undefined: every room. */
  readonly room: string | undefined;
  /** Wall time in milliseconds; what was reserved later belongs to somebody who came back. */
  readonly leftAt: number;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/**
 * Decides what becomes of the nicknames of who has left: one that is used in no room any more is kept for its holder for
 * a while, so that nobody else speaks in its name before others have noticed, or before a lost connection is back.
 *
 * @param quarantine - milliseconds; 0: nothing is kept
 */
export function release(scope: Scope, leaving: Leaving, quarantine: number): readonly ScopeChange[] {
  return [...scope.values()].flatMap((reservation) => {
    if (reservation.holder !== leaving.holder) return [];
    const uses = new Map([...reservation.uses].filter(([room, since]) => !isLeft(room, since, leaving)));
    if (uses.size === reservation.uses.size) return [];
    if (uses.size > 0) return [{ kind: 'put', reservation: { ...reservation, uses } }];
    const keptUntil = leaving.now + quarantine;
    return [{ kind: quarantine === 0 ? 'delete' : 'put', reservation: { ...reservation, uses, keptUntil } }];
  });
}

function isLeft(room: string, since: number, leaving: Leaving): boolean {
  return (leaving.room === undefined || leaving.room === room) && since <= leaving.leftAt;
}

/** The reservations that nobody came back for. */
export function overdue(scope: Scope, now: number): readonly ScopeChange[] {
  return [...scope.values()]
    .filter((reservation) => isOver(reservation, now))
    .map((reservation) => ({ kind: 'delete', reservation }));
}

/** When the next reservation is given up, in wall time milliseconds; undefined: none is kept. */
export function nextOverdue(scope: Scope): number | undefined {
  let next = Infinity;
  for (const { keptUntil } of scope.values()) if (keptUntil !== 0) next = Math.min(next, keptUntil);
  return next === Infinity ? undefined : next;
}
