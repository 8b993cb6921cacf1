import { focus } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { policyMessage, requestedChange, storedPolicy } from '../../src/adapters/policy-message.ts';
import { defaultPolicy } from '../../src/room/policy.ts';

const terms = { domain: 'localhost', largestSize: 10_000 };

function message(more: Partial<focus.RoomPolicy> = {}): focus.RoomPolicy {
  return { ...unwrap(focus.RoomPolicy.decode(new Uint8Array(0))), ...more };
}

function refused(more: Partial<focus.RoomPolicy>): unknown {
  const change = requestedChange(message(more), terms);
  return change.ok ? undefined : [change.error.status, change.error.message.split(':', 1)[0]];
}

describe('what an operator says of a policy', () => {
  it('changes what is named and nothing else', () => {
    expect(unwrap(requestedChange(message(), terms))).toEqual({});
    expect(unwrap(requestedChange(message({ nicknames: false, history: 0 }), terms))).toEqual({
      nicknames: false,
      history: 0,
    });
  });

  it('replaces the list of members, even by none, when it says so', () => {
    expect(unwrap(requestedChange(message({ membersPresent: true }), terms))).toEqual({ members: [] });
  });

  it('names members by account, address or URI', () => {
    const members = ['alice', 'bob@localhost', 'sip:carol@example.net', 'tel:+4712345@x'];
    expect(unwrap(requestedChange(message({ members }), terms)).members).toEqual([
      'sip:alice@localhost',
      'sip:bob@localhost',
      'sip:carol@example.net',
      'tel:+4712345@x',
    ]);
  });

  it('is refused with 400 for what no room can be like', () => {
    expect(refused({ nicknameScope: 'world' })).toEqual([400, 'nicknameScope']);
    expect(refused({ maxSize: 10_001 })).toEqual([400, 'maxSize']);
    expect(refused({ maxSize: 0 })).toEqual([400, 'maxSize']);
    expect(refused({ welcome: 'x'.repeat(4097) })).toEqual([400, 'welcome']);
    expect(refused({ password: 'x'.repeat(257) })).toEqual([400, 'password']);
    expect(refused({ history: 100_001 })).toEqual([400, 'history']);
    expect(refused({ members: Array.from({ length: 1001 }, () => 'a') })).toEqual([400, 'members']);
  });

  it('is stored and read back whole', () => {
    const policy = {
      ...defaultPolicy(10_000),
      members: ['sip:a@b'],
      nicknameScope: 'domain' as const,
      hideMembers: true,
    };
    const bytes = focus.RoomPolicy.encode(policyMessage(policy));
    expect(storedPolicy(unwrap(focus.RoomPolicy.decode(bytes)), defaultPolicy(1))).toEqual(policy);
    expect(storedPolicy(undefined, policy)).toBe(policy);
  });
});
