import { describe, expect, it } from 'vitest';
import { CallQuota } from '../../src/actors/call-quota.ts';

describe('the calls that one user may cause', () => {
  it('are 128 in a minute, of each user', () => {
    const quota = new CallQuota();
    expect(quota.take('sip:alice@localhost', 64, 1_000)).toBe(0);
    expect(quota.take('sip:alice@localhost', 64, 2_000)).toBe(0);
    expect(quota.take('sip:alice@localhost', 1, 31_000)).toBe(30);
    expect(quota.take('sip:bob@localhost', 64, 31_000)).toBe(0);
    expect(quota.take('sip:alice@localhost', 64, 61_000)).toBe(0);
  });
});
