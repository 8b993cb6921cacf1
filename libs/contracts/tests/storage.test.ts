import { describe, expect, it } from 'vitest';
import { buckets, objectStores, streams } from '../src/index.ts';

describe('what users send', () => {
  it('has a share of the store each, and all together leave room for leases, accounts and bindings', () => {
    const shares: number[] = [...Object.values(streams), ...Object.values(objectStores)].map(({ share }) => share);
    for (const bucket of Object.values(buckets)) if ('share' in bucket) shares.push(bucket.share);
    for (const share of shares) expect(share).toBeGreaterThan(0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(0.95);
  });
});
