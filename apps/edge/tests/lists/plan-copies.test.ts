import { unwrap } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destinationOf } from '../../src/addresses/destination.ts';
import type { ListRules } from '../../src/lists/list-rules.ts';
import { maySend } from '../../src/lists/may-send.ts';
import { planCopies } from '../../src/lists/plan-copies.ts';
import type { Directory } from '../../src/lists/plan-copies.ts';
import type { StoredList } from '../../src/lists/stored-list.ts';

const names = {
  domain: 'localhost',
  aliases: new Set(['127.0.0.1']),
  chatDomain: 'chat.localhost',
  ports: new Set([5060]),
};
const rules: ListRules = { mostRecipients: 100, mostDepth: 3, consent: 'members', mostHistory: 1000 };
const open: ListRules = { ...rules, consent: 'anyone' };

function directory(lists: readonly StoredList[] = []): Directory {
  return {
    destinationOf: ({ uri }) => destinationOf(uri, names),
    accountOf: (number) => (number.replaceAll('-', '') === '+3585550001' ? 'alice' : undefined),
    listOf: (name) => lists.find((list) => list.name === name),
  };
}

function list(name: string, members: readonly string[], more: Partial<StoredList> = {}): StoredList {
  const usual = { displayName: '', owner: '', senders: 'anyone', hideMembers: false, createdAt: 0 } as const;
  return { ...usual, name, members, ...more };
}

function people(...uris: string[]): readonly Recipient[] {
  return uris.map((uri) => ({ uri, copyControl: 'to', anonymize: false }));
}

function reached(recipients: readonly Recipient[], known = directory(), plan = rules): readonly string[] {
  return unwrap(planCopies(recipients, 'alice', known, plan)).copies.map(({ uri }) => uri);
}

describe('the intended recipients', () => {
  it('are compared by the rules of their scheme (RFC 5363 §4.1)', () => {
    expect(reached(people('sip:a@x;p=1', 'sip:A@x', 'sip:a@X', 'sip:a@x;transport=tcp'), directory(), open)).toEqual([
      'sip:a@x;p=1',
      'sip:A@x',
      'sip:a@x;transport=tcp',
    ]);
    expect(reached(people('tel:+1-234', 'tel:+1234', 'im:bob@localhost', 'sips:bob@localhost'))).toEqual([
      'tel:+1-234',
      'im:bob@localhost',
    ]);
  });

  it('are the same by whichever address of an account, unless a GRUU means one device', () => {
    const gruu = 'sip:alice@localhost;gr=urn:uuid:1';
    expect(reached(people('sip:alice@127.0.0.1', 'tel:+358-555-0001', gruu))).toEqual(['sip:alice@127.0.0.1', gruu]);
  });

  it('are members of lists within lists, to a depth, each once', () => {
    const chain = [1, 2, 3, 4, 5].map((n) => list(`l${n}`, [`sip:u${n}@localhost`, `sip:l${n + 1}@localhost`]));
    const plan = unwrap(planCopies(people('sip:l1@localhost'), 'alice', directory(chain), rules));
    expect(plan.copies.map(({ uri }) => uri)).toEqual(['sip:u1@localhost', 'sip:u2@localhost', 'sip:u3@localhost']);
    expect(plan.settled).toEqual([{ uri: 'sip:l4@localhost', status: 482, reason: 'lists within too many lists' }]);
  });

  it('end, however lists refer to each other', () => {
    const members = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(members, { minLength: 5, maxLength: 5 }), (memberships) => {
        const lists = memberships.map((numbers, i) => {
          return list(
            `n${i}`,
            numbers.map((n) => `sip:n${n}@localhost`),
          );
        });
        const { copies } = unwrap(planCopies(people('sip:n0@localhost'), 'alice', directory(lists), rules));
        const uris = copies.map(({ uri }) => uri);
        expect(new Set(uris).size).toBe(uris.length);
        expect(uris.every((uri) => Number(/\d+/.exec(uri)?.[0]) >= 5)).toBe(true);
      }),
    );
  });

  it('may not be more than allowed, members of lists counted (RFC 5363 §5.3)', () => {
    const big = list(
      'big',
      Array.from({ length: 101 }, (_, i) => `sip:u${i}@localhost`),
    );
    const plan = planCopies(people('sip:big@localhost'), 'alice', directory([big]), rules);
    expect(plan).toMatchObject({ ok: false, error: { status: 403, phrase: 'Too Many Recipients' } });
  });

  it('of other domains need not be asked where anyone may be sent to', () => {
    expect(planCopies(people('sip:zoe@example.org'), 'alice', directory(), rules)).toMatchObject({
      ok: false,
      error: { status: 470, fields: [['Permission-Missing', '<sip:zoe@example.org>']] },
    });
    expect(reached(people('sip:zoe@example.org'), directory(), open)).toHaveLength(1);
  });

  it('are not named where a list hides them, however deep it is (RFC 5438 §14.2)', () => {
    const secret = list('secret', ['sip:bob@localhost', 'sip:zoe@example.org'], { hideMembers: true });
    const known = directory([secret, list('outer', ['sip:secret@localhost'])]);
    const plan = planCopies(people('sip:outer@localhost'), 'alice', known, open);
    expect(unwrap(plan).hidesMembers).toBe(true);
    expect(unwrap(planCopies(people('sip:bob@localhost'), 'alice', known, open)).hidesMembers).toBe(false);
    expect(planCopies(people('sip:outer@localhost'), 'alice', known, rules)).toMatchObject({
      ok: false,
      error: { status: 470, fields: [] },
    });
  });

  it('are never thrown at, whatever is given as a URI', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('sip:', 'sip:@', 'tel:', 'sip:a@b?%'))), (uris) => {
        planCopies(people(...uris), 'alice', directory(), rules);
      }),
    );
  });
});

describe('who may send to a list', () => {
  it('is its owner always, its members also by lists on it, or anyone', () => {
    const inner = list('inner', ['sip:bob@localhost']);
    const outer = list('outer', ['sip:inner@localhost', 'tel:+3585550001'], { owner: 'olga', senders: 'members' });
    const known = directory([inner, outer]);
    expect(['olga', 'bob', 'alice', 'carol'].map((name) => maySend(name, outer, known))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(maySend('bob', { ...outer, senders: 'owner' }, known)).toBe(false);
    expect(maySend('', { ...outer, owner: '', senders: 'owner' }, known)).toBe(false);
  });
});
