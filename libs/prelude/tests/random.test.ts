import { describe, expect, it } from 'vitest';
import { randomToken } from '../src/index.ts';

describe('randomToken', () => {
  it('spends one octet on each of its characters, which are SIP tokens', () => {
    const token = randomToken({ bytes: (length) => Uint8Array.from({ length }, (_, i) => i * 37) }, 26);
    expect(token).toMatch(/^[0-9a-v]{26}$/);
  });
});
