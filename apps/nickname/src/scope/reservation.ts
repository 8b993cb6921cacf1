import type { NicknameKey } from '@parley/precis';

/** A nickname that somebody holds in a scope. */
export interface Reservation {
  /** As others see it. */
  readonly nickname: string;
  /** Under which it is compared. @spec RFC 8266 §2.4 */
  readonly key: NicknameKey;
  /** Address-of-record; all its devices share the nickname. */
  readonly holder: string;
  /** Wall time in milliseconds. */
  readonly reservedAt: number;
  /** Command that made it, so that a repeat of it is recognised. */
  readonly commandId: string;
}

/** The reservations of one scope. */
export type Scope = ReadonlyMap<NicknameKey, Reservation>;

/** What a holder has, if anything; there is at most one once a change is complete. */
export function heldBy(scope: Scope, holder: string): readonly Reservation[] {
  return [...scope.values()].filter((reservation) => reservation.holder === holder);
}
