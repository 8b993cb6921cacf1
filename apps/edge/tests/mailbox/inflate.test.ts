import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateUpTo } from '../../src/mailbox/inflate.ts';

describe('A compressed body', () => {
  const [one, other] = [deflateSync(Buffer.from('one')), deflateSync(Buffer.from('other'))];

  it('is inflated once for all who look at it in turn', () => {
    const inflate = inflateUpTo(100);
    const first = inflate(one);
    expect(Buffer.from(first ?? []).toString()).toBe('one');
    expect(inflate(one)).toBe(first);
    expect(Buffer.from(inflate(other) ?? []).toString()).toBe('other');
    expect(inflate(one)).toEqual(first);
  });

  it('that holds more than the limit, or nothing, is not inflated', () => {
    const inflate = inflateUpTo(100);
    expect(inflate(deflateSync(Buffer.alloc(101)))).toBeUndefined();
    expect(inflate(Buffer.from('no zlib'))).toBeUndefined();
  });
});
