import type { Bucket, Bus, OwnedRecords } from '@parley/bus';
import { ownedRecords, stored } from '@parley/bus';
import { buckets, encodeToken, notification, subscriptionKey } from '@parley/contracts';
import type { Subscription } from '../subscription/subscription.ts';
import { subscriptionOf, subscriptionRecord } from './subscription-record.ts';

/** A subscription with the revision under which it stands; undefined: not stored yet. */
export interface StoredSubscription {
  readonly subscription: Subscription;
  readonly revision: number | undefined;
}

/** Subscriptions in the bucket `subscriptions`; each write names the revision read. */
export class SubscriptionStore {
  readonly bucket: Bucket<notification.SubscriptionRecord>;
  private readonly records: OwnedRecords<notification.SubscriptionRecord>;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.subscriptions, notification.SubscriptionRecord);
    this.records = ownedRecords(this.bucket);
  }

  /** Reads the subscriptions of a Call-ID, each rewritten under our epoch. @throws StoreFailed, OwnershipLost */
  async takeUp(callId: string, epoch: number): Promise<readonly StoredSubscription[]> {
    const entries = stored(await this.bucket.entries(`${encodeToken(callId)}.`));
    return Promise.all(
      entries.map(async ({ key, value, revision }) => ({
        subscription: subscriptionOf(value),
        revision: value.epoch === epoch ? revision : await this.records.write(key, { ...value, epoch }, revision),
      })),
    );
  }

  /** @throws StoreFailed, OwnershipLost */
  async save(subscription: Subscription, revision: number | undefined, epoch: number): Promise<StoredSubscription> {
    const written = await this.records.write(keyOf(subscription), subscriptionRecord(subscription, epoch), revision);
    return { subscription, revision: written };
  }

  /** @throws StoreFailed, OwnershipLost */
  async remove({ subscription, revision }: StoredSubscription): Promise<void> {
    if (revision !== undefined) await this.records.remove(keyOf(subscription), revision);
  }
}

function keyOf({ dialog }: Subscription): string {
  return subscriptionKey(dialog.callId, dialog.localTag, dialog.remoteTag);
}
