import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { GuessLock } from '../../src/authentication/guess-lock.ts';
import type { LockTries } from '../../src/authentication/guess-lock.ts';
import { flowFrom } from '../support/flow.ts';

function guessLock(tries: Partial<LockTries> = {}) {
  const clock = new SimulatedClock();
  const locked: string[] = [];
  const lock = new GuessLock({
    clock,
    tries: { pair: 5, address: 50, account: 50, ...tries },
    onLocked: (what, account, address, seconds) => locked.push(`${what} ${account} ${address} ${seconds}`),
  });
  const fail = (account: string, address: string, times: number): void => {
    const flow = flowFrom(address);
    for (let i = 0; i < times; i++) lock.failed(account, flow);
  };
  return { lock, clock, locked, fail };
}

describe('The lock against guessing passwords', () => {
  it('shuts an account at the address of the guesses, and nowhere else', () => {
    const { lock, locked, fail } = guessLock();
    fail('alice', '192.0.2.66', 4);
    expect(lock.wait('alice', flowFrom('192.0.2.66'))).toBe(0);
    fail('alice', '192.0.2.66', 1);
    expect(lock.wait('alice', flowFrom('192.0.2.66'))).toBe(5);
    expect(lock.wait('alice', flowFrom('192.0.2.1'))).toBe(0);
    expect(lock.wait('bob', flowFrom('192.0.2.66'))).toBe(0);
    expect(locked).toEqual(['pair alice 192.0.2.66 5']);
  });

  it('opens again, in whole seconds', () => {
    const { lock, clock, fail } = guessLock();
    fail('alice', '192.0.2.66', 5);
    clock.advance(4_001);
    expect(lock.wait('alice', flowFrom('192.0.2.66'))).toBe(1);
    clock.advance(999);
    expect(lock.wait('alice', flowFrom('192.0.2.66'))).toBe(0);
  });

  it('shuts an address that tries many accounts, for those that it has never proved', () => {
    const { lock, fail } = guessLock();
    lock.proved('alice', flowFrom('192.0.2.66'));
    for (let i = 0; i < 50; i++) fail(`victim${i}`, '192.0.2.66', 1);
    expect(lock.wait('fresh', flowFrom('192.0.2.66'))).toBeGreaterThan(0);
    expect(lock.wait('alice', flowFrom('192.0.2.66'))).toBe(0);
    expect(lock.wait('fresh', flowFrom('192.0.2.67'))).toBe(0);
  });

  it('counts an IPv6 network as one address', () => {
    const { lock, fail } = guessLock();
    for (let i = 0; i < 5; i++) fail('alice', `2001:db8::${i}`, 1);
    expect(lock.wait('alice', flowFrom('2001:db8::ffff'))).toBeGreaterThan(0);
  });

  it('shuts an account that many addresses try, but not where it has been proved, and not for long', () => {
    const { lock, fail } = guessLock();
    lock.proved('alice', flowFrom('192.0.2.1'));
    for (let i = 0; i < 200; i++) fail('alice', `198.51.100.${i}`, 1);
    expect(lock.wait('alice', flowFrom('203.0.113.1'))).toBe(60);
    expect(lock.wait('alice', flowFrom('192.0.2.1'))).toBe(0);
  });

  it('never shuts the flow that proved the account, whatever comes from its neighbours', () => {
    const { lock, fail } = guessLock();
    const phone = flowFrom('192.0.2.1');
    lock.proved('alice', phone);
    fail('alice', '192.0.2.1', 100);
    expect(lock.wait('alice', phone)).toBe(0);
    expect(lock.wait('alice', flowFrom('192.0.2.1'))).toBeGreaterThan(0);
  });

  it('does not let a shared flow guess on after one user has proved his account', () => {
    const { lock } = guessLock();
    const shared = flowFrom('192.0.2.1');
    lock.proved('alice', shared);
    for (let i = 0; i < 5; i++) lock.failed('alice', shared);
    expect(lock.wait('alice', shared)).toBeGreaterThan(0);
  });

  it('forgets the wrong passwords of an account once it is proved there', () => {
    const { lock, fail } = guessLock();
    fail('alice', '192.0.2.1', 4);
    lock.proved('alice', flowFrom('192.0.2.1'));
    fail('alice', '192.0.2.1', 4);
    expect(lock.wait('alice', flowFrom('192.0.2.1'))).toBe(0);
  });

  it('keeps little of a name however long', () => {
    const { lock, fail } = guessLock();
    fail('x'.repeat(60_000), '192.0.2.66', 5);
    expect(lock.wait('x'.repeat(60_000), flowFrom('192.0.2.66'))).toBeGreaterThan(0);
  });
});
