import { describe, expect, it } from 'vitest';
import { CallQuota } from '../../src/actors/call-quota.ts';

describe('the calls that one user may cause', () => {
  it('are 128 in a minute, of each user', () => {
    const quota = new CallQuota();
    expect(quota.take('sip:alice@localhost', 'a', 64, 1_000)).toBe(0);
    expect(quota.take('sip:alice@localhost', 'b', 64, 2_000)).toBe(0);
    expect(quota.take('sip:alice@localhost', 'c', 1, 31_000)).toBe(30);
    expect(quota.take('sip:bob@localhost', 'd', 64, 31_000)).toBe(0);
    expect(quota.take('sip:alice@localhost', 'e', 64, 61_000)).toBe(0);
  });

  it('are counted once for a command that comes again', () => {
    const quota = new CallQuota();
    for (const commandId of ['a', 'a', 'b', 'a', 'b'])
      expect(quota.take('sip:alice@localhost', commandId, 64, 0)).toBe(0);
    expect(quota.take('sip:alice@localhost', 'c', 1, 0)).toBe(60);
  });
});
