import { describe, expect, it } from 'vitest';
import { MediaAcceptance } from '../../src/message/media-acceptance.ts';

describe('What a recipient takes inside the wrapper (RFC 4975 §8.6)', () => {
  it('is what it takes bare and what it takes wrapped', () => {
    const acceptance = new MediaAcceptance(['message/cpim', 'text/plain'], ['image/*']);
    for (const type of ['text/plain', 'TEXT/Plain; charset=utf-8', 'image/png', undefined]) {
      expect(acceptance.takes(type), type).toBe(true);
    }
    expect(acceptance.takes('text/html')).toBe(false);
    expect(acceptance.takes('text/html')).toBe(false);
  });

  it('is everything with a star, or when only the wrapper is named', () => {
    expect(new MediaAcceptance(['message/cpim'], ['*']).takes('x/y')).toBe(true);
    expect(new MediaAcceptance(['*'], []).takes('x/y')).toBe(true);
    expect(new MediaAcceptance(['message/cpim'], []).takes('x/y')).toBe(true);
  });
});
