import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCodec } from '../src/index.ts';

describe('portableCodec', () => {
  it('keeps every octet through Latin-1 and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10_000 }), (bytes) => {
        const text = portableCodec.decodeLatin1(bytes, 0, bytes.length);
        expect(text.length).toBe(bytes.length);
        expect(portableCodec.encodeLatin1(text)).toEqual(bytes);
      }),
    );
  });

  it('finds a needle where Buffer.indexOf finds it', () => {
    const octets = fc.array(fc.constantFrom(13, 10, 45)).map((a) => Uint8Array.from(a));
    fc.assert(
      fc.property(
        octets,
        octets.filter((n) => n.length > 0),
        fc.nat(5),
        (bytes, needle, from) => {
          expect(portableCodec.indexOf(bytes, needle, from)).toBe(Buffer.from(bytes).indexOf(needle, from));
        },
      ),
    );
  });
});
