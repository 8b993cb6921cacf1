import { portableCodec } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeBytes } from '../../src/index.ts';

const part = fc.tuple(fc.uint8Array({ maxLength: 64 }), fc.nat(64), fc.nat(64)).map(([bytes, a, b]) => {
  const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
  return { bytes, start, end };
});

const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });

describe('nodeBytes', () => {
  it('decodes as the portable codec does', () => {
    fc.assert(
      fc.property(part, ({ bytes, start, end }) => {
        expect(nodeBytes.decodeLatin1(bytes, start, end)).toBe(portableCodec.decodeLatin1(bytes, start, end));
        expect(nodeBytes.decodeUtf8(bytes, start, end)).toBe(portableCodec.decodeUtf8(bytes, start, end));
      }),
    );
  });

  it('encodes as the portable codec does', () => {
    fc.assert(
      fc.property(latin1, fc.string({ unit: 'binary' }), (octets, text) => {
        expect([...nodeBytes.encodeLatin1(octets)]).toEqual([...portableCodec.encodeLatin1(octets)]);
        expect([...nodeBytes.encodeUtf8(text)]).toEqual([...portableCodec.encodeUtf8(text)]);
        const [native, portable] = [new Uint8Array(octets.length + 2), new Uint8Array(octets.length + 2)];
        expect(nodeBytes.writeLatin1(octets, native, 1)).toBe(portableCodec.writeLatin1(octets, portable, 1));
        expect(native).toEqual(portable);
      }),
    );
  });

  it('finds as the portable codec does', () => {
    const few = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ max: 2, maxLength });
    fc.assert(
      fc.property(few(40), few(3), fc.nat(40), (bytes, needle, from) => {
        fc.pre(needle.length > 0);
        expect(nodeBytes.indexOf(bytes, needle, from)).toBe(portableCodec.indexOf(bytes, needle, from));
      }),
    );
  });
});
