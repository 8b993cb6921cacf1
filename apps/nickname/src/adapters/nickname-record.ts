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
  };
}

/** The inverse of {@link reservationToRecord}. */
export function reservationFromRecord(record: nickname.NicknameRecord): Reservation {
  return {
    nickname: record.nickname,
    // Written by reservationToRecord, from a key.
    key: record.prepared as NicknameKey,
    holder: record.holder,
    reservedAt: record.reservedAt,
    commandId: record.commandId,
  };
}
