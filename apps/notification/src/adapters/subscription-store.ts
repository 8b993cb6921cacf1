import type { Ownership } from '@parley/actor';
import type { Bucket, Bus } from '@parley/bus';
import { ownedRecords, OwnershipLost, stored } from '@parley/bus';
import { buckets, encodeToken, notification, subscriptionKey } from '@parley/contracts';
import type { Subscription } from '../subscription/subscription.ts';
import { headroom, subscriptionOf, subscriptionRecord } from './subscription-record.ts';

/** A subscription with the revision under which it stands; undefined: not stored yet. */
export interface StoredSubscription {
  readonly subscription: Subscription;
  readonly revision: number | undefined;
  /** NOTIFYs that may be sent before it is stored again. */
  readonly headroom: number;
}

/** Subscriptions in the bucket `subscriptions`; each write names the revision read. */
export class SubscriptionStore {
  readonly bucket: Bucket<notification.SubscriptionRecord>;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.subscriptions, notification.SubscriptionRecord);
  }

  /** Reads the subscriptions of a Call-ID, each rewritten under our epoch. @throws StoreFailed, OwnershipLost */
  async takeUp(callId: string, ownership: Ownership): Promise<readonly StoredSubscription[]> {
    const entries = stored(await this.bucket.entries(`${encodeToken(callId)}.`));
    const records = ownedRecords(this.bucket, ownership);
    const { epoch } = ownership;
    return Promise.all(
      entries.map(async ({ key, value, revision }) => {
        if (value.epoch > epoch) throw new OwnershipLost('a later owner has written');
        const isOurs = value.epoch === epoch;
        const own = isOurs ? revision : await records.write(key, { ...value, epoch }, revision);
        return { subscription: subscriptionOf(value), revision: own, headroom: 0 };
      }),
    );
  }

  /** @throws StoreFailed, OwnershipLost */
  async save(
    subscription: Subscription,
    revision: number | undefined,
    ownership: Ownership,
  ): Promise<StoredSubscription> {
    const record = subscriptionRecord(subscription, ownership.epoch);
    const written = await ownedRecords(this.bucket, ownership).write(keyOf(subscription), record, revision);
    return { subscription, revision: written, headroom };
  }

  /** @throws StoreFailed, OwnershipLost */
  async remove({ subscription, revision }: StoredSubscription, ownership: Ownership): Promise<void> {
    if (revision !== undefined) await ownedRecords(this.bucket, ownership).remove(keyOf(subscription), revision);
  }
}

function keyOf({ dialog }: Subscription): string {
  return subscriptionKey(dialog.callId, dialog.localTag, dialog.remoteTag);
}
