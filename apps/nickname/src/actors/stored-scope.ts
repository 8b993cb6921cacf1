import type { Bucket, Bus, BusFailure } from '@parley/bus';
import { buckets, nickname, nicknameKey, nicknamesPrefix } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { NicknameKey } from '@parley/precis';
import { reservationFromRecord, reservationToRecord } from '../adapters/nickname-record.ts';
import type { Reservation } from '../scope/reservation.ts';

/** A reservation and the revision under which it is stored. */
interface Stored {
  readonly reservation: Reservation;
  readonly revision: number;
}

/**
 * The reservations of one scope in their bucket, with a copy. Creating a key is the reservation itself: of two who try,
 * in one process or in two, exactly one succeeds.
 */
export class StoredScope {
  private readonly scope: string;
  private readonly bucket: Bucket<nickname.NicknameRecord>;
  private readonly stored = new Map<NicknameKey, Stored>();
  /** Takeover under which the records stand; those of an earlier one are rewritten first. */
  private epoch = 0;

  constructor(bus: Bus, scope: string) {
    this.scope = scope;
    this.bucket = bus.bucket(buckets.nicknames, nickname.NicknameRecord);
  }

  get reservations(): ReadonlyMap<NicknameKey, Reservation> {
    return new Map([...this.stored].map(([key, { reservation }]) => [key, reservation]));
  }

  /** Reads the scope and writes every record anew under this takeover, so that a late write of an earlier owner fails. */
  async takeOver(epoch: number): Promise<Result<void, BusFailure | Refusal>> {
    if (this.epoch === epoch) return ok(undefined);
    const entries = await this.bucket.entries(nicknamesPrefix(this.scope));
    if (!entries.ok) return entries;
    this.stored.clear();
    for (const { value, revision } of entries.value) {
      const written = await this.put(reservationFromRecord(value), epoch, revision);
      if (!written.ok) return written;
    }
    this.epoch = epoch;
    return ok(undefined);
  }

  /** Reserves; 409 when another was faster. */
  async take(reservation: Reservation): Promise<Result<void, BusFailure | Refusal>> {
    return await this.put(reservation, this.epoch, this.stored.get(reservation.key)?.revision);
  }

  /** Lets go. One that is gone already is no failure. */
  async release({ key }: Reservation): Promise<Result<void, BusFailure | Refusal>> {
    const deleted = await this.bucket.delete(nicknameKey(this.scope, key), this.stored.get(key)?.revision);
    if (!deleted.ok) return deleted;
    this.stored.delete(key);
    return deleted.value.outcome === 'conflict' ? err(lost) : ok(undefined);
  }

  private async put(
    reservation: Reservation,
    epoch: number,
    revision: number | undefined,
  ): Promise<Result<void, BusFailure | Refusal>> {
    const key = nicknameKey(this.scope, reservation.key);
    const record = reservationToRecord(this.scope, epoch, reservation);
    const written =
      revision === undefined ? await this.bucket.create(key, record) : await this.bucket.update(key, record, revision);
    if (!written.ok) return written;
    if (written.value.outcome === 'exists' || written.value.outcome === 'conflict') return err(lost);
    this.stored.set(reservation.key, { reservation, revision: written.value.revision });
    return ok(undefined);
  }
}

/** Somebody else wrote: what this copy says is not to be relied on. */
const lost = refusal(409, 'Nickname Taken', 'another instance wrote this reservation');
