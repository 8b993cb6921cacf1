import { describe, expect, it } from 'vitest';
import { nodeDigestHash } from '../../src/node/index.ts';

describe('hash functions of digest (RFC 7616 §3.3)', () => {
  it('take the octets of UTF-8 and give lower-case hexadecimal', () => {
    expect(nodeDigestHash.md5('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
    expect(nodeDigestHash.sha256('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
    expect(nodeDigestHash.sha512256?.('abc')).toBe('53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23');
  });
});
