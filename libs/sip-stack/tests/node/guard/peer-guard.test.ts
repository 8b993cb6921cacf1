import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/node/guard/network-of.ts';
import { createPeerGuard, trustedHosts } from '../../../src/node/index.ts';
import type { GuardLimits } from '../../../src/node/index.ts';

function guardWith(limits: Partial<GuardLimits>, trusted: readonly string[] = []) {
  let time = 0;
  const guard = createPeerGuard({ limits, isTrusted: trustedHosts(trusted), now: () => time });
  return { guard, pass: (milliseconds: number) => (time += milliseconds) };
}

describe('A guard of connections', () => {
  it('closes what is beyond the limit of all, and counts those that are gone no more', () => {
    const { guard } = guardWith({ connections: 2 });
    const first = guard.accept('192.0.2.1');
    expect(guard.accept('192.0.2.2')).toBeDefined();
    expect(guard.accept('192.0.2.3')).toBeUndefined();
    first?.end();
    expect(guard.accept('192.0.2.3')).toBeDefined();
    expect(guard.connections).toBe(2);
  });

  it('counts by address, and IPv6 by its first 64 bits', () => {
    const { guard } = guardWith({ addressConnections: 1 });
    expect(guard.accept('2001:db8:0:1::1')).toBeDefined();
    expect(guard.accept('2001:db8:0:1:ffff::2')).toBeUndefined();
    expect(guard.accept('2001:db8:0:2::1')).toBeDefined();
  });

  it('has fewer for strangers than for those who have proved who they are', () => {
    const { guard } = guardWith({ unauthenticatedConnections: 1 });
    const known = guard.accept('192.0.2.1');
    expect(guard.accept('192.0.2.1')).toBeUndefined();
    known?.vouch();
    known?.vouch();
    const stranger = guard.accept('192.0.2.1');
    expect(stranger).toBeDefined();
    expect(guard.accept('192.0.2.1')).toBeUndefined();
    stranger?.end();
    expect(guard.accept('192.0.2.1')).toBeDefined();
  });

  it('has none for neighbours but the limit of all', () => {
    const { guard } = guardWith({ addressConnections: 1, connections: 3, connectionMessages: 1 }, ['192.0.2.0/24']);
    const permits = [1, 2, 3].map(() => guard.accept('192.0.2.1'));
    expect(guard.accept('192.0.2.1')).toBeUndefined();
    expect(Array.from({ length: 100 }, () => permits[0]?.message())).not.toContain('refuse');
  });
});

describe('A guard of rates', () => {
  it('gives each connection its own, and all of an address one more', () => {
    const { guard } = guardWith({ connectionMessages: 10, addressMessages: 15, addressOctets: 0 });
    const count = (permit: { message(): string } | undefined): number =>
      Array.from({ length: 100 }, () => permit?.message()).filter((verdict) => verdict === 'pass').length;
    expect(count(guard.accept('192.0.2.1'))).toBe(21);
    expect(count(guard.accept('192.0.2.1'))).toBe(0);
    expect(count(guard.accept('192.0.2.2'))).toBe(21);
  });

  it('refuses the messages of too many octets', () => {
    const { guard, pass } = guardWith({ addressOctets: 1000 });
    const permit = guard.datagrams('192.0.2.1');
    expect([permit.octets(3_000), permit.message()]).toEqual(['pass', 'pass']);
    expect([permit.octets(1_000), permit.message()]).toEqual(['refuse', 'refuse']);
    pass(10_000);
    expect([permit.octets(1_000), permit.message()]).toEqual(['pass', 'pass']);
  });

  it('is not reset by closing a connection and opening another', () => {
    const { guard } = guardWith({ addressMessages: 10, connectionMessages: 0 });
    const drain = (): string[] => {
      const permit = guard.accept('192.0.2.1');
      const verdicts = Array.from({ length: 30 }, () => permit?.message() ?? '');
      permit?.end();
      return verdicts;
    };
    expect(drain()).toContain('pass');
    expect(drain()).not.toContain('pass');
  });

  it('remembers a bounded number of addresses, whatever comes', () => {
    const { guard } = guardWith({ addresses: 1000 });
    const held = guard.accept('198.51.100.1');
    for (let i = 0; i < 50_000; i++) guard.datagrams(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).message();
    expect(guard.addresses).toBeLessThanOrEqual(1001);
    held?.end();
  });
});

describe('A network', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:0DB8:0001::', '2001:db8:1:0::/64'],
  ])('of %s is %s (RFC 4291 §2.5.1)', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('Trusted hosts', () => {
  it('are addresses and networks of both families', () => {
    const isTrusted = trustedHosts(['127.0.0.0/8', '::1', '2001:db8::/32']);
    for (const address of ['127.0.0.1', '127.255.0.1', '::1', '2001:db8:1::5']) expect(isTrusted(address)).toBe(true);
    for (const address of ['128.0.0.1', '::2', '2001:db9::', '', 'x']) expect(isTrusted(address)).toBe(false);
  });
});
