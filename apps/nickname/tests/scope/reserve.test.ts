import { unwrap } from '@parley/prelude';
import type { NicknameKey } from '@parley/precis';
import { describe, expect, it } from 'vitest';
import type { Reservation, Scope } from '../../src/scope/reservation.ts';
import { reserve } from '../../src/scope/reserve.ts';

const alice = 'sip:alice@example.com';
const bob = 'sip:bob@example.com';
const empty: Scope = new Map();
const wish = (nickname: string, holder = alice): Parameters<typeof reserve>[1] => ({
  commandId: 'c1',
  nickname,
  holder,
  now: 1000,
});

function after(scope: Scope, nickname: string, holder = alice): Scope {
  const { take, release } = unwrap(reserve(scope, wish(nickname, holder)));
  const next = new Map<NicknameKey, Reservation>(scope);
  for (const { key } of release) next.delete(key);
  if (take) next.set(take.key, take);
  return next;
}

describe('A nickname in its scope (draft-ietf-simple-chat-03 §7)', () => {
  it('is given to the first who asks', () => {
    expect(unwrap(reserve(empty, wish('Alice the great'))).take).toMatchObject({
      nickname: 'Alice the great',
      holder: alice,
    });
  });

  it('is refused to another, however it is written: case, width and spaces do not count (RFC 8266 §2.4)', () => {
    const scope = after(empty, 'Alice the great');
    for (const same of ['Alice the great', 'ALICE THE GREAT', '  alice   the great ', 'Ａlice the great']) {
      expect(reserve(scope, wish(same, bob)), same).toMatchObject({ ok: false, error: { status: 409 } });
    }
  });

  it('replaces the old one of its holder, which is let go after the new one is taken (§7.2)', () => {
    const scope = after(empty, 'Alice');
    const plan = unwrap(reserve(scope, wish('Wonderland')));
    expect(plan.take?.nickname).toBe('Wonderland');
    expect(plan.release.map(({ nickname }) => nickname)).toEqual(['Alice']);
    expect([...after(scope, 'Wonderland').keys()]).toHaveLength(1);
  });

  it('stays with its holder when a change fails (§7.2)', () => {
    const scope = after(after(empty, 'Alice'), 'Bob', bob);
    expect(reserve(scope, wish('bob'))).toMatchObject({ ok: false });
    expect([...scope.values()].map(({ nickname }) => nickname)).toEqual(['Alice', 'Bob']);
  });

  it('may be written another way by its holder', () => {
    const plan = unwrap(reserve(after(empty, 'alice'), wish('ALICE')));
    expect(plan).toMatchObject({ take: { nickname: 'ALICE' }, release: [] });
  });

  it('is removed by the empty string (§7.3)', () => {
    expect(unwrap(reserve(after(empty, 'Alice'), wish('')))).toMatchObject({
      take: undefined,
      release: [{ nickname: 'Alice' }],
    });
  });

  it('is refused when RFC 8266 allows no such nickname', () => {
    for (const bad of ['   ', 'a\u0000b', '\u202e']) {
      expect(reserve(empty, wish(bad)), JSON.stringify(bad)).toMatchObject({ ok: false, error: { status: 400 } });
    }
  });
});
