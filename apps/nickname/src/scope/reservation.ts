import type { NicknameKey } from '@parley/precis';

/** A nickname that somebody holds in a scope. */
export interface Reservation {
  /** As others see it. */
  readonly nickname: string;
  /** Under which it is compared. @spec RFC 8266 §2.4 */
  readonly key: NicknameKey;
  /** Address-of-record; all its devices share the nickname. */
  readonly holder: string;
  /** Rooms in which the holder uses it, with the wall time in milliseconds since when; none once the holder has left. */
  readonly uses: ReadonlyMap<string, number>;
  /** Wall time in milliseconds. */
  readonly reservedAt: number;
  /** The holder has left, and nobody else has it before this wall time in milliseconds; 0: it is in use. */
  readonly keptUntil: number;
  /** Command that made it, so that a repeat of it is recognised. */
  readonly commandId: string;
}

/** The reservations of one scope. */
export type Scope = ReadonlyMap<NicknameKey, Reservation>;

/** A reservation is written, or given up. */
export interface ScopeChange {
  readonly kind: 'put' | 'delete';
  readonly reservation: Reservation;
}

/** What a holder uses in a room; there is at most one once a change is complete. */
export function usedBy(scope: Scope, holder: string, room: string): Reservation | undefined {
  return [...scope.values()].find((reservation) => reservation.holder === holder && reservation.uses.has(room));
}

/** Whether nobody holds it any more, though it is still stored. */
export function isOver({ keptUntil }: Reservation, now: number): boolean {
  return keptUntil !== 0 && keptUntil <= now;
}
