import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import { decodeToken, encodeToken } from '../src/index.ts';

const names = fc.string({ unit: 'grapheme' });

describe('tokens of subjects and keys', () => {
  it('read as the name they encode', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(unwrap(decodeToken(encodeToken(name)))).toBe(name);
      }),
    );
  });

  it('never hold what NATS gives a meaning to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(encodeToken(name)).toMatch(/^[A-Za-z0-9_=-]+$/);
      }),
    );
  });

  it('leave plain names readable', () => {
    expect(encodeToken('alice-2_b')).toBe('alice-2_b');
    expect(encodeToken('sip:lobby@chat.localhost')).toBe('sip=3Alobby=40chat=2Elocalhost');
    expect(encodeToken('')).toBe('=');
  });

  it('have one spelling: what encodeToken would not write is refused', () => {
    for (const token of ['', 'a.b', '=61', '=3a', '=4', 'a=', '=FF', '=C3', 'é', '*', '>']) {
      expect(decodeToken(token).ok, token).toBe(false);
    }
  });

  it('make any input a name or an error, never an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (token) => {
        const name = decodeToken(token);
        if (name.ok) expect(encodeToken(name.value)).toBe(token);
      }),
    );
  });
});
