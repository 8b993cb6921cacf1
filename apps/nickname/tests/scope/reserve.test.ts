import { unwrap } from '@parley/prelude';
import type { NicknameKey } from '@parley/precis';
import { describe, expect, it } from 'vitest';
import { entitlementOf } from '../../src/scope/entitlement.ts';
import { nextOverdue, overdue, release } from '../../src/scope/release.ts';
import type { Reservation, Scope, ScopeChange } from '../../src/scope/reservation.ts';
import { reserve } from '../../src/scope/reserve.ts';

const alice = 'sip:alice@example.com';
const bob = 'sip:bob@example.com';
const lobby = 'sip:lobby@chat.example.com';
const library = 'sip:library@chat.example.com';
const empty: Scope = new Map();
const entitlement = entitlementOf(['Moderator', 'Queen of Hearts'], ['example.com']);
const quarantine = 60_000;

interface Wish {
  readonly nickname: string;
  readonly holder?: string;
  readonly room?: string;
  readonly now?: number;
}

function plan(scope: Scope, { nickname, holder = alice, room = lobby, now = 1000 }: Wish) {
  return reserve(scope, { commandId: 'c1', nickname, holder, room, now }, entitlement);
}

function applied(scope: Scope, changes: readonly ScopeChange[]): Scope {
  const next = new Map<NicknameKey, Reservation>(scope);
  for (const { kind, reservation } of changes) {
    if (kind === 'delete') next.delete(reservation.key);
    else next.set(reservation.key, reservation);
  }
  return next;
}

function after(scope: Scope, ...wishes: readonly Wish[]): Scope {
  return wishes.reduce((sum, wish) => applied(sum, unwrap(plan(sum, wish)).changes), scope);
}

function left(scope: Scope, room: string | undefined, now: number, leftAt = now): Scope {
  return applied(scope, release(scope, { holder: alice, room, leftAt, now }, quarantine));
}

const names = (scope: Scope): readonly string[] => [...scope.values()].map(({ nickname }) => nickname);

describe('A nickname in its scope (draft-ietf-simple-chat-03 §7)', () => {
  it('is given to the first who asks', () => {
    expect(unwrap(plan(empty, { nickname: 'Alice the great' }))).toMatchObject({
      nickname: 'Alice the great',
      previous: '',
      changes: [{ kind: 'put', reservation: { nickname: 'Alice the great', holder: alice } }],
    });
  });

  it('is refused to another, however it is written: case, width and spaces do not count (RFC 8266 §2.4)', () => {
    const scope = after(empty, { nickname: 'Alice the great' });
    for (const same of ['Alice the great', 'ALICE THE GREAT', '  alice   the great ', 'Ａlice the great']) {
      expect(plan(scope, { nickname: same, holder: bob }), same).toMatchObject({ ok: false, error: { status: 409 } });
    }
  });

  it('is compared over all of Unicode: composed and decomposed, Greek, the Kelvin sign (RFC 8266 §2.4)', () => {
    for (const [one, same] of [
      ['Zo\u00eb', 'ZOE\u0308'],
      ['ΣΟΦΙΑ', 'σοφια'],
      ['Kelvin', '\u212aelvin'],
      ['Richard Ⅳ', 'richard iv'],
    ] as const) {
      const scope = after(empty, { nickname: one });
      expect(plan(scope, { nickname: same, holder: bob }), same).toMatchObject({ ok: false, error: { status: 409 } });
    }
  });

  it('replaces the old one of its holder, which is let go after the new one is taken (§7.2)', () => {
    const scope = after(empty, { nickname: 'Alice' });
    const change = unwrap(plan(scope, { nickname: 'Wonderland' }));
    expect(change.previous).toBe('Alice');
    expect(change.changes.map(({ kind, reservation }) => [kind, reservation.nickname])).toEqual([
      ['put', 'Wonderland'],
      ['delete', 'Alice'],
    ]);
  });

  it('is free at once for others when its holder took another: the old one is released by the 200 (§7.2)', () => {
    const scope = after(empty, { nickname: 'Alice' }, { nickname: 'Wonderland' }, { nickname: 'alice', holder: bob });
    expect(names(scope)).toEqual(['Wonderland', 'alice']);
  });

  it('stays with its holder when a change fails (§7.2)', () => {
    const scope = after(empty, { nickname: 'Alice' }, { nickname: 'Bob', holder: bob });
    expect(plan(scope, { nickname: 'bob' })).toMatchObject({ ok: false });
    expect(plan(scope, { nickname: 'moderator' })).toMatchObject({ ok: false });
    expect(names(scope)).toEqual(['Alice', 'Bob']);
  });

  it('may be written another way by its holder', () => {
    expect(names(after(empty, { nickname: 'alice' }, { nickname: 'ALICE' }))).toEqual(['ALICE']);
  });

  it('is removed by the empty string, and free at once (§7.3)', () => {
    const scope = after(empty, { nickname: 'Alice' });
    expect(unwrap(plan(scope, { nickname: '' }))).toMatchObject({ nickname: '', previous: 'Alice' });
    expect(names(after(scope, { nickname: '' }))).toEqual([]);
    expect(unwrap(plan(empty, { nickname: '' })).changes).toEqual([]);
  });

  it('is refused when RFC 8266 allows no such nickname', () => {
    for (const bad of ['   ', 'a\u0000b', '\u202e']) {
      expect(plan(empty, { nickname: bad }), JSON.stringify(bad)).toMatchObject({ ok: false, error: { status: 400 } });
    }
  });
});

describe('who is entitled to a nickname (draft-ietf-simple-chat-03 §7.1)', () => {
  it('nobody to a reserved word, however it is written', () => {
    for (const word of ['moderator', 'MODERATOR', 'ｍoderator', 'queen  of hearts']) {
      expect(plan(empty, { nickname: word }), word).toMatchObject({ ok: false, error: { status: 409 } });
    }
    expect(plan(empty, { nickname: 'moderators' })).toMatchObject({ ok: true });
  });

  it('nobody to the address of another user of the domain', () => {
    for (const other of ['alice@example.com', 'SIP:Alice@Example.COM', 'sips:alice@example.com;transport=tls']) {
      expect(plan(empty, { nickname: other, holder: bob }), other).toMatchObject({ ok: false, error: { status: 409 } });
      expect(plan(empty, { nickname: other, holder: alice }), other).toMatchObject({ ok: true });
    }
    expect(plan(empty, { nickname: 'alice@example.net', holder: bob })).toMatchObject({ ok: true });
  });
});

describe('a nickname whose holder has left', () => {
  const scope = after(empty, { nickname: 'Alice' });

  it('is kept for its holder, and for nobody else, until its time is up', () => {
    const kept = left(scope, lobby, 5000);
    expect(plan(kept, { nickname: 'ALICE', holder: bob, now: 64_999 })).toMatchObject({ error: { status: 409 } });
    expect(names(after(kept, { nickname: 'Alice', now: 64_999 }))).toEqual(['Alice']);
    const taken = after(kept, { nickname: 'ALICE', holder: bob, now: 65_000 });
    expect([...taken.values()]).toMatchObject([{ nickname: 'ALICE', holder: bob, keptUntil: 0 }]);
  });

  it('is no nickname of the holder any more: who comes back has none until asking again', () => {
    expect(unwrap(plan(left(scope, lobby, 5000), { nickname: 'Other', now: 6000 })).previous).toBe('');
  });

  it('is given up when its time is up', () => {
    const kept = left(scope, lobby, 5000);
    expect(nextOverdue(scope)).toBeUndefined();
    expect(nextOverdue(kept)).toBe(65_000);
    expect(overdue(kept, 64_999)).toEqual([]);
    expect(names(applied(kept, overdue(kept, 65_000)))).toEqual([]);
  });

  it('stays in use when word of the leaving comes after the holder is back', () => {
    const back = after(left(scope, lobby, 5000), { nickname: 'Alice', now: 7000 });
    expect([...left(back, lobby, 8000, 5000).values()]).toMatchObject([{ keptUntil: 0 }]);
    expect([...left(back, lobby, 8000).values()]).toMatchObject([{ keptUntil: 68_000 }]);
  });

  it('is free at once where nothing is to be kept', () => {
    const changes = release(scope, { holder: alice, room: lobby, leftAt: 5000, now: 5000 }, 0);
    expect(names(applied(scope, changes))).toEqual([]);
  });
});

describe('a nickname of the whole domain', () => {
  const scope = after(empty, { nickname: 'Alice' }, { nickname: 'alice', room: library });

  it('is nobody else’s in any of its rooms', () => {
    expect(plan(scope, { nickname: 'Alice', holder: bob, room: 'sip:attic@chat.example.com' })).toMatchObject({
      error: { status: 409 },
    });
  });

  it('is kept while its holder is in one room, and let go with the last', () => {
    const inLibrary = left(scope, lobby, 5000);
    expect([...inLibrary.values()]).toMatchObject([{ keptUntil: 0 }]);
    expect([...left(inLibrary, library, 9000).values()]).toMatchObject([{ keptUntil: 69_000 }]);
    expect([...left(scope, undefined, 9000).values()]).toMatchObject([{ keptUntil: 69_000 }]);
  });

  it('stays in one room when it is changed or removed in another', () => {
    const changed = after(scope, { nickname: 'Wonderland', room: library });
    expect(names(changed)).toEqual(['alice', 'Wonderland']);
    expect(names(after(changed, { nickname: '', room: library }))).toEqual(['alice']);
    expect(names(after(changed, { nickname: '', room: library }, { nickname: '', room: lobby }))).toEqual([]);
  });
});
