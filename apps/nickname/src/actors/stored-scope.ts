import type { Bucket, Bus, BusFailure } from '@parley/bus';
import { OwnershipLost } from '@parley/bus';
import { buckets, nickname, nicknameKey, nicknamesPrefix } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { NicknameKey } from '@parley/precis';
import { reservationFromRecord, reservationToRecord } from '../adapters/nickname-record.ts';
import type { Reservation, Scope, ScopeChange } from '../scope/reservation.ts';

type Written = Result<void, BusFailure>;

/** Records that are rewritten at the same time when a scope is taken over. */
const takeOverWidth = 64;

/**
 * The reservations of one scope in their bucket, with a copy. Creating a key is the reservation itself: of two who try,
 * in one process or in two, exactly one succeeds.
 */
export class StoredScope {
  private readonly scope: string;
  private readonly bucket: Bucket<nickname.NicknameRecord>;
  private readonly copy = new Map<NicknameKey, Reservation>();
  /** Under which each reservation is stored. */
  private readonly revisions = new Map<NicknameKey, number>();
  /** Takeover under which the records stand; those of an earlier one are rewritten first. */
  private epoch = 0;

  constructor(bus: Bus, scope: string) {
    this.scope = scope;
    this.bucket = bus.bucket(buckets.nicknames, nickname.NicknameRecord);
  }

  get reservations(): Scope {
    return this.copy;
  }

  /** Reads the scope and writes every record anew under this takeover, so that a late write of an earlier owner fails. */
  async takeOver(epoch: number): Promise<Written> {
    if (this.epoch === epoch) return ok(undefined);
    const entries = await this.bucket.entries(nicknamesPrefix(this.scope));
    if (!entries.ok) return entries;
    this.copy.clear();
    this.revisions.clear();
    for (let at = 0; at < entries.value.length; at += takeOverWidth) {
      const some = entries.value.slice(at, at + takeOverWidth);
      const written = await Promise.all(
        some.map(({ value, revision }) => this.put(reservationFromRecord(value), epoch, revision)),
      );
      const failed = written.find(({ ok: isWritten }) => !isWritten);
      if (failed !== undefined) return failed;
    }
    this.epoch = epoch;
    return ok(undefined);
  }

  /** Carries a change out. @throws OwnershipLost when somebody else wrote */
  async apply({ kind, reservation }: ScopeChange): Promise<Written> {
    if (kind === 'delete') return await this.delete(reservation);
    return await this.put(reservation, this.epoch, this.revisions.get(reservation.key));
  }

  /** One that is gone already is no failure. */
  private async delete({ key }: Reservation): Promise<Written> {
    const deleted = await this.bucket.delete(nicknameKey(this.scope, key), this.revisions.get(key));
    if (!deleted.ok) return deleted;
    this.copy.delete(key);
    this.revisions.delete(key);
    if (deleted.value.outcome === 'conflict') throw new OwnershipLost(lost);
    return ok(undefined);
  }

  private async put(reservation: Reservation, epoch: number, revision: number | undefined): Promise<Written> {
    const key = nicknameKey(this.scope, reservation.key);
    const record = reservationToRecord(this.scope, epoch, reservation);
    const written =
      revision === undefined ? await this.bucket.create(key, record) : await this.bucket.update(key, record, revision);
    if (!written.ok) return written;
    if (written.value.outcome === 'exists' || written.value.outcome === 'conflict') throw new OwnershipLost(lost);
    this.copy.set(reservation.key, reservation);
    this.revisions.set(reservation.key, written.value.revision);
    return ok(undefined);
  }
}

/** What this copy says is not to be relied on; whoever asks again is answered from the bucket. */
const lost = 'another instance wrote this reservation';
