import type { Bus, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, edge } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { RemovedIdentities } from '../room/sessions.ts';

/** Accounts that went lately, whoever was there to hear of it, from a watched copy of their bucket. */
export class RemovedAccounts implements Disposable {
  private readonly clock: Clock;
  private readonly removed = new Map<string, number>();
  private readonly following: Following;

  /** @param changed - hears of each that goes */
  constructor(bus: Bus, clock: Clock, domain: string, changed: (removed: RemovedIdentities) => void) {
    this.clock = clock;
    this.following = followBucket(bus.bucket(buckets.removedAccounts, edge.RemovedAccount), (event) => {
      if (event.kind !== 'put') return;
      const identity = `sip:${event.value.name}@${domain}`;
      // After an interruption all are told again.
      if (this.removed.get(identity) === event.value.removedAt) return;
      this.removed.set(identity, event.value.removedAt);
      changed(new Map([[identity, event.value.removedAt]]));
    });
  }

  /** All that the store remembers. */
  async all(): Promise<RemovedIdentities> {
    await this.following.filled;
    const since = this.clock.wallTime() - buckets.removedAccounts.ttl;
    for (const [identity, removedAt] of this.removed) if (removedAt < since) this.removed.delete(identity);
    return this.removed;
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }
}
