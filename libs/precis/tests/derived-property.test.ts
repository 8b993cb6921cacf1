import { describe, expect, it } from 'vitest';
import type { DerivedProperty, StringClass } from '../src/index.ts';
import { checkClass, derivedProperty } from '../src/index.ts';

describe('derived property (RFC 8264 §8)', () => {
  it.each<[string, DerivedProperty, string]>([
    ['\u00df', 'PVALID', 'Exceptions (F), valid'],
    ['\u0640', 'DISALLOWED', 'Exceptions (F), disallowed'],
    ['\u00b7', 'CONTEXTO', 'Exceptions (F), contextual'],
    ['\u0378', 'UNASSIGNED', 'Unassigned (J)'],
    ['\ufdd0', 'DISALLOWED', 'PrecisIgnorableProperties (M), noncharacter'],
    ['\u00ad', 'DISALLOWED', 'PrecisIgnorableProperties (M), default ignorable'],
    ['@', 'PVALID', 'ASCII7 (K)'],
    ['\u200d', 'CONTEXTJ', 'JoinControl (H)'],
    ['\u1100', 'DISALLOWED', 'OldHangulJamo (I)'],
    ['\u0007', 'DISALLOWED', 'Controls (L)'],
    ['\u2163', 'FREE_PVAL', 'HasCompat (Q)'],
    ['\uac00', 'PVALID', 'LetterDigits (A)'],
    ['\u16ee', 'FREE_PVAL', 'OtherLetterDigits (R)'],
    [' ', 'FREE_PVAL', 'Spaces (N)'],
    ['\u{1f600}', 'FREE_PVAL', 'Symbols (O)'],
    ['\u00a1', 'FREE_PVAL', 'Punctuation (P)'],
    ['\ue000', 'DISALLOWED', 'private use, in no category'],
    ['\ud800', 'DISALLOWED', 'a lone surrogate'],
  ])('of %j is %s: %s', (character, property) => {
    expect(derivedProperty(character)).toBe(property);
  });

  it('is that of the ASCII range for ASCII', () => {
    for (let code = 0; code < 0x80; code++) {
      const expected = code < 0x20 || code === 0x7f ? 'DISALLOWED' : code === 0x20 ? 'FREE_PVAL' : 'PVALID';
      expect(derivedProperty(String.fromCharCode(code))).toBe(expected);
    }
  });
});

describe('string classes (RFC 8264 §4)', () => {
  it.each<[string, StringClass, number]>([
    ['a b', 'IdentifierClass', 1],
    ['\u{1f600}a\u0007', 'FreeformClass', 3],
    ['\u0378', 'FreeformClass', 0],
  ])('refuse %j as %s', (text, stringClass, offset) => {
    expect(checkClass(text, stringClass)).toMatchObject({ error: { kind: 'ParseError', rule: stringClass, offset } });
  });
});

describe('contextual rules (RFC 5892 Appendix A)', () => {
  it.each([
    ['l\u00b7l', true, 'MIDDLE DOT between two l'],
    ['a\u00b7l', false, 'MIDDLE DOT elsewhere'],
    ['\u0375\u03b1', true, 'KERAIA before Greek'],
    ['\u0375a', false, 'KERAIA before Latin'],
    ['\u0375', false, 'KERAIA at the end'],
    ['\u05d0\u05f3', true, 'GERESH behind Hebrew'],
    ['a\u05f4', false, 'GERSHAYIM behind Latin'],
    ['a\u30fb\u30a2', true, 'KATAKANA MIDDLE DOT in Japanese'],
    ['a\u30fbb', false, 'KATAKANA MIDDLE DOT in Latin'],
    ['\u0661\u0662', true, 'ARABIC-INDIC DIGITS alone'],
    ['\u0661\u06f2', false, 'ARABIC-INDIC DIGITS with extended ones'],
    ['\u06f1\u06f2', true, 'EXTENDED ARABIC-INDIC DIGITS alone'],
    ['\u0915\u094d\u200d', true, 'ZERO WIDTH JOINER behind a virama'],
    ['a\u200d', false, 'ZERO WIDTH JOINER behind a letter'],
    ['\u{1f469}\u200d\u{1f4bb}', false, 'ZERO WIDTH JOINER in an emoji'],
    ['\u0915\u094d\u200c', true, 'ZERO WIDTH NON-JOINER behind a virama'],
    ['\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645', true, 'ZERO WIDTH NON-JOINER in Persian'],
    ['\u0645\u064e\u200c\u064e\u062e', true, 'ZERO WIDTH NON-JOINER between marks of joining letters'],
    ['\u062f\u200c\u062e', false, 'ZERO WIDTH NON-JOINER behind a letter that joins to the right only'],
    ['\u0645\u200c', false, 'ZERO WIDTH NON-JOINER at the end'],
  ])('let %j be: %s', (text, expected) => {
    expect(checkClass(text, 'FreeformClass').ok).toBe(expected);
  });
});
