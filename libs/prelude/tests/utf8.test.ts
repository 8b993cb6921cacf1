import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8, isUtf8 } from '../src/index.ts';

const native = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

function acceptedByRuntime(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Octets that are often near-UTF-8, so that truncated and overlong forms are met. */
const nearUtf8 = fc
  .array(fc.constantFrom(0x41, 0xc1, 0xc3, 0xa9, 0xe0, 0x9f, 0xed, 0xa0, 0xf0, 0x90, 0xf4, 0x8f, 0x80, 0xff))
  .map((a) => Uint8Array.from(a));

describe('UTF-8 (RFC 3629)', () => {
  it('decodes any octets as the runtime does, replacing malformed sequences', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearUtf8), (bytes) => {
        expect(decodeUtf8(bytes)).toBe(native.decode(bytes));
      }),
    );
  });

  it('calls well-formed exactly what the runtime accepts (§4)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearUtf8), (bytes) => {
        expect(isUtf8(bytes)).toBe(acceptedByRuntime(bytes));
      }),
    );
  });

  it('encodes any text as the runtime does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encodeUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
      }),
    );
    expect(encodeUtf8('\ud800')).toEqual(Uint8Array.of(0xef, 0xbf, 0xbd));
  });
});
