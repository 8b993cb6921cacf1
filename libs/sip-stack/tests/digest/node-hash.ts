import { createHash, createHmac } from 'node:crypto';
import type { DigestHash, NonceKey } from '../../src/index.ts';

const hex = (name: string) => (text: string) => createHash(name).update(text).digest('hex');

/** The hash functions of Node. */
export const nodeHash: DigestHash = { md5: hex('md5'), sha256: hex('sha256'), sha512256: hex('sha512-256') };

/** A nonce key over Node's HMAC. */
export function nodeKey(id: string, secret = id): NonceKey {
  return { id, sign: (text) => createHmac('sha256', secret).update(text).digest('base64url') };
}
