import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestField, digestParametersOf, expiresOf, nicknameOf, textOfOctets, useNickname } from '../src/index.ts';

const isNicknameText = (text: string): boolean => !/\p{Cc}/u.test(text) && text.isWellFormed();

describe('Use-Nickname (RFC 7701 §7.1)', () => {
  it('gives any text back, quotes, backslashes and UTF-8 included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }).filter(isNicknameText), (nickname) => {
        expect(nicknameOf({ fields: [useNickname(nickname)] })).toEqual({ ok: true, value: nickname });
      }),
    );
  });

  it('is empty when the nickname is given back (RFC 7701 §7.3)', () => {
    expect(nicknameOf({ fields: [{ name: 'use-nickname', value: '""' }] })).toEqual({ ok: true, value: '' });
  });

  it('has at most 1023 octets, counted in UTF-8', () => {
    expect(nicknameOf({ fields: [useNickname('a'.repeat(1023))] }).ok).toBe(true);
    expect(nicknameOf({ fields: [useNickname('é'.repeat(512))] }).ok).toBe(false);
  });

  it('is read in linear time, however many backslashes there are', () => {
    expect(nicknameOf({ fields: [{ name: 'Use-Nickname', value: `"${'\\'.repeat(8001)}"` }] }).ok).toBe(false);
  });
});

describe('digest fields (RFC 4976 §7)', () => {
  it('are written as they were read', () => {
    const value = 'Digest realm="a \\"b\\"", stale=true, qop="auth"';
    const read = digestParametersOf([{ name: 'WWW-Authenticate', value }], 'WWW-Authenticate');
    expect(read.ok && digestField('WWW-Authenticate', read.value ?? [])).toEqual({ name: 'WWW-Authenticate', value });
    expect(digestField('Authentication-Info', [{ name: 'qop', value: 'auth', quoted: false }]).value).toBe('qop=auth');
  });

  it('are undefined when absent', () => {
    expect(digestParametersOf([], 'Authorization')).toEqual({ ok: true, value: undefined });
    expect(expiresOf([], 'Min-Expires')).toEqual({ ok: true, value: undefined });
    expect(expiresOf([{ name: 'Min-Expires', value: '300' }], 'Min-Expires')).toEqual({ ok: true, value: 300 });
  });
});

describe('octets as text (RFC 3629)', () => {
  it('shows malformed sequences as U+FFFD', () => {
    expect(textOfOctets('caf\xc3\xa9 \xff')).toBe('café \ufffd');
  });
});
