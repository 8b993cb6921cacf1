import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enforceUsername, maxNameLength, prepareUsername, sameUsername } from '../src/index.ts';
import { vectorPairs } from './vectors.ts';

describe('the UsernameCaseMapped profile (RFC 8265 §3.3)', () => {
  it.each(vectorPairs('rfc8265/valid/3.6-userparts.txt'))('takes %s for %s (§3.6)', (text, username) => {
    expect(unwrap(enforceUsername(text))).toBe(username);
  });

  it.each(vectorPairs('rfc8265/invalid/3.6-userparts.txt'))('refuses %j by %s (§3.6)', (text, rule) => {
    expect(enforceUsername(text)).toMatchObject({ ok: false, error: { rule } });
  });

  it('maps widths before it looks at the class (§3.3.2)', () => {
    expect(unwrap(prepareUsername('Ａｌｉｃｅ'))).toBe('Alice');
    expect(unwrap(enforceUsername('ｱﾘｽ'))).toBe('アリス');
    expect(prepareUsername('a\u3000b')).toMatchObject({ ok: false });
    expect(prepareUsername('\uffa1')).toMatchObject({ ok: false });
  });

  it('looks at the class of what normalisation made, too: the rule for it comes last (RFC 8264 §7)', () => {
    expect(enforceUsername('a<\u0338b')).toMatchObject({ ok: false, error: { rule: 'IdentifierClass' } });
  });

  it('compares by octets after enforcement (§3.3.4)', () => {
    expect(sameUsername('Alice', 'ALICE')).toBe(true);
    expect(sameUsername('Jürgen', 'ju\u0308rgen')).toBe(true);
    expect(sameUsername('fussball', 'fußball')).toBe(false);
    expect(sameUsername('a b', 'a b')).toBe(false);
  });

  it('bounds the length', () => {
    expect(enforceUsername('a'.repeat(maxNameLength + 1))).toMatchObject({ error: { rule: 'length' } });
  });

  it('is stable and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
        const once = enforceUsername(text);
        if (once.ok) expect(enforceUsername(once.value)).toEqual(once);
      }),
    );
  });
});

describe('the Bidi Rule (RFC 5893 §2)', () => {
  it.each([
    ['שלום', true, 'right-to-left letters'],
    ['שלום1', true, 'ends with a European number'],
    ['مريم\u0661', true, 'ends with an Arabic number'],
    ['מ\u05b0', true, 'ends with marks'],
    ['ש-ל', true, 'a neutral inside'],
    ['1שלום', false, 'condition 1: starts with a number'],
    ['שaל', false, 'condition 2: a left-to-right letter inside'],
    ['שלום-', false, 'condition 3: ends with a neutral'],
    ['ש1ל\u0661', false, 'condition 4: two kinds of numbers'],
    ['aש', false, 'condition 5: a right-to-left letter inside'],
    ['a\u0661', false, 'condition 5: an Arabic number inside'],
    ['-a', true, 'does not look at names without right-to-left code points'],
  ])('for %j gives %s: %s', (text, expected) => {
    expect(enforceUsername(text).ok).toBe(expected);
  });
});
