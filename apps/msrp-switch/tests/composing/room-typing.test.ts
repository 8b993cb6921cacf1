import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { IsComposing } from '@parley/iscomposing';
import { RoomTyping } from '../../src/composing/room-typing.ts';

const active: IsComposing = { state: 'active' };
const idle: IsComposing = { state: 'idle' };

/** A room of `members`, and what was passed on in it, as `name state`. */
function roomOf(members: number, rate = 1000) {
  const clock = new SimulatedClock();
  const typing = new RoomTyping(clock, rate);
  const passed: string[] = [];
  const composers = new Map<string, object>();
  const composer = (name: string): object => {
    const known = composers.get(name) ?? {};
    composers.set(name, known);
    return known;
  };
  const type = (name: string, says: IsComposing): void => {
    const pass = (): void => {
      passed.push(`${name} ${says.state}`);
    };
    typing.take(composer(name), { says, copies: members - 1, pass });
  };
  return { clock, typing, passed, type, composer };
}

describe('Who is composing in a room (RFC 3994, REQ-COMP-13, REQ-COMP-15)', () => {
  it('is told once, however often it is repeated within half of the refresh interval', () => {
    const { clock, passed, type } = roomOf(10);
    for (let key = 0; key < 100; key++) {
      type('alice', { state: 'active', refresh: 90 });
      clock.advance(400);
    }
    expect(passed).toEqual(['alice active']);
  });

  it.each([20, 45, 60, 90])('is shown without a gap when it is repeated every %i of 90 seconds', (period) => {
    const { clock, passed, type } = roomOf(10);
    let last = 0;
    let longest = 0;
    for (let at = 0; at <= 900; at += period) {
      const before = passed.length;
      type('alice', { state: 'active', refresh: 90 });
      if (passed.length > before) {
        longest = Math.max(longest, at - last);
        last = at;
      }
      clock.advance(period * 1000);
    }
    expect(longest).toBeLessThanOrEqual(90);
  });

  it('is told anew when something else is composed', () => {
    const { passed, type } = roomOf(10);
    type('alice', { state: 'active', contentType: 'text/plain' });
    type('alice', { state: 'active', contentType: 'audio/basic' });
    expect(passed).toHaveLength(2);
  });

  it('ends with idle once, and with a message without a word', () => {
    const { typing, passed, type, composer } = roomOf(10);
    type('alice', active);
    type('alice', idle);
    type('alice', idle);
    type('alice', active);
    typing.said(composer('alice'));
    type('alice', idle);
    expect(passed).toEqual(['alice active', 'alice idle', 'alice active']);
  });

  it('costs no more copies a second than the budget, whoever types how fast: not n × m', () => {
    const members = 500;
    const { clock, passed, type } = roomOf(members);
    const seconds = 10;
    for (let tick = 0; tick < seconds * 20; tick++) {
      for (let n = 0; n < members; n++) type(`member${n}`, tick % 2 === 0 ? active : idle);
      clock.advance(50);
    }
    expect(passed.length * (members - 1)).toBeLessThanOrEqual(1000 * (seconds + 1));
    expect(passed.length).toBeGreaterThan(seconds);
  });

  it('always tells an idle behind an active, before anything new begins', () => {
    const { clock, passed, type } = roomOf(1001);
    type('alice', active);
    type('bob', active);
    type('alice', idle);
    expect(passed).toEqual(['alice active']);
    clock.advance(1000);
    expect(passed).toEqual(['alice active', 'alice idle']);
    clock.advance(1000);
    expect(passed).toEqual(['alice active', 'alice idle', 'bob active']);
  });

  it('tells nothing of who began and ended while it waited', () => {
    const { clock, passed, type } = roomOf(1001);
    type('alice', active);
    type('bob', active);
    type('bob', idle);
    clock.advance(5000);
    expect(passed).toEqual(['alice active']);
  });

  it('keeps the place of who types on while it waits', () => {
    const { clock, passed, type } = roomOf(1001);
    type('alice', active);
    type('bob', active);
    type('carol', active);
    clock.advance(500);
    type('bob', active);
    clock.advance(500);
    expect(passed).toEqual(['alice active', 'bob active']);
  });

  it('is forgotten when it was not repeated in time (§3.4): the next active is news', () => {
    const { clock, passed, type } = roomOf(10);
    type('alice', active);
    clock.advance(120_000);
    type('alice', idle);
    type('alice', active);
    expect(passed).toEqual(['alice active', 'alice active']);
  });

  it('goes to one who is alone in a large room of others at once', () => {
    const { passed, type } = roomOf(100_000);
    type('alice', active);
    expect(passed).toEqual(['alice active']);
  });
});
