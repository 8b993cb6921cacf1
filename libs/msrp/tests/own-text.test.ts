import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownText } from '../src/own-text.ts';

describe('ownText', () => {
  it('is the substring', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.nat(80), fc.nat(80), (text, a, b) => {
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        expect(ownText(text, start, end)).toBe(text.slice(start, end));
      }),
    );
  });
});
