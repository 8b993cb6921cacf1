import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enforceNickname, maxNameLength, nicknameKey, prepareNickname, sameNickname } from '../src/index.ts';
import { vectorPairs } from './vectors.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('the Nickname profile (RFC 8266)', () => {
  it.each(vectorPairs('rfc8266/valid/3-nicknames.txt'))('compares %s as %s (§3)', (text, key) => {
    expect(unwrap(nicknameKey(text))).toBe(key);
  });

  it('matches the examples that the RFC says match, and no others (§3)', () => {
    expect(sameNickname('Foo', 'foo')).toBe(true);
    expect(sameNickname('Σ', 'σ')).toBe(true);
    expect(sameNickname('Σ', 'ς')).toBe(false);
    expect(sameNickname('ΣΑΣ', 'σασ')).toBe(true);
    expect(sameNickname('', '')).toBe(false);
  });

  it('maps any space to SPACE, trims, and joins (§2.1)', () => {
    expect(unwrap(enforceNickname(' St \u00a0\u3000 Peter\u2003'))).toBe('St Peter');
  });

  it('keeps letter case in what is shown (§2.3)', () => {
    expect(unwrap(enforceNickname('Richard Ⅳ'))).toBe('Richard IV');
  });

  it.each(['', ' ', '\u3000\u00a0'])('MUST NOT let %j be a nickname: nothing is left of it (§2.3)', (text) => {
    expect(enforceNickname(text)).toMatchObject({ error: { rule: 'Nickname' } });
    expect(nicknameKey(text)).toMatchObject({ error: { rule: 'Nickname' } });
  });

  it.each(['a\u0000', 'a\nb', '\u202eevil', 'a\u00ad', '\ud800'])('MUST refuse %j in preparation (§2.2)', (text) => {
    expect(prepareNickname(text)).toMatchObject({ error: { rule: 'FreeformClass' } });
    expect(enforceNickname(text)).toMatchObject({ ok: false });
  });

  it('allows what people call themselves', () => {
    for (const name of [
      'Alice the great',
      'Jürgen',
      '한국어',
      'ㅋㅋㅋ',
      '😀 Bob',
      "O'Neil",
      '山田・太郎',
      'שלום',
      'مريم',
    ]) {
      expect(enforceNickname(name)).toMatchObject({ ok: true });
    }
  });

  it('takes the key from the input, since enforcement can yield what may not be put in (compatibility jamo)', () => {
    const enforced = unwrap(enforceNickname('ㅋ'));
    expect(enforced).toBe('\u110f');
    expect(nicknameKey(enforced).ok).toBe(false);
    expect(unwrap(nicknameKey('ㅋ'))).toBe('\u110f');
  });

  it('refuses what is too long before it looks at it', () => {
    expect(enforceNickname('a'.repeat(maxNameLength)).ok).toBe(true);
    expect(enforceNickname('a'.repeat(maxNameLength + 1))).toMatchObject({ error: { rule: 'length' } });
  });

  it('gives stable results: enforcing its output again changes nothing where that may be put in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const profile of [enforceNickname, nicknameKey]) {
          const once = profile(text);
          const twice = once.ok ? profile(once.value) : once;
          if (once.ok && twice.ok) expect(twice.value).toBe(once.value);
        }
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(anyText, (text) => typeof nicknameKey(text).ok === 'boolean'));
  });
});
