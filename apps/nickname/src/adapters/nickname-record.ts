import type { nickname } from '@parley/contracts';
import type { NicknameKey } from '@parley/precis';
import type { Reservation } from '../scope/reservation.ts';

/** The reservation as its bucket keeps it. */
export function reservationToRecord(scope: string, epoch: number, reservation: Reservation): nickname.NicknameRecord {
  return {
    scope,
    epoch,
    nickname: reservation.nickname,
    prepared: reservation.key,
    holder: reservation.holder,
    reservedAt: reservation.reservedAt,
    commandId: reservation.commandId,
    uses: [...reservation.uses].map(([room, since]) => ({ room, since })),
    keptUntil: reservation.keptUntil,
  };
}

/** The inverse of {@link reservationToRecord}; a record of the version before this one tells no uses. */
export function reservationFromRecord(record: nickname.NicknameRecord): Reservation {
  const { keptUntil, reservedAt, scope } = record;
  const isOfOldVersion = record.uses.length === 0 && keptUntil === 0;
  const uses = isOfOldVersion
    ? [[scope, reservedAt] as const]
    : record.uses.map((use) => [use.room, use.since] as const);
  return {
    nickname: record.nickname,
    // Written by reservationToRecord, from a key.
    key: record.prepared as NicknameKey,
    holder: record.holder,
    uses: new Map(uses),
    reservedAt,
    keptUntil,
    commandId: record.commandId,
  };
}
