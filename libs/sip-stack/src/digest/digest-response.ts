import type { DigestAlgorithm, HashFunction } from './digest-hash.ts';

/** H(A1) of an account: what a server keeps in place of the password. @spec RFC 7616 §3.4.2 */
export function digestHa1(username: string, realm: string, password: string, hash: HashFunction): string {
  return hash(`${username}:${realm}:${password}`);
}

/** What goes into a response besides the secret. */
export interface DigestInput {
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly qop?: string | undefined;
  readonly nc?: string | undefined;
  readonly cnonce?: string | undefined;
}

/**
 * The request-digest: with qop as RFC 7616 has it, without as RFC 2069 had it.
 *
 * @param ha1 - of the account, for `-sess` algorithms too
 * @spec RFC 7616 §3.4.1, RFC 2617 §3.2.2.1
 */
export function digestResponse(ha1: string, { hash, session }: DigestAlgorithm, input: DigestInput): string {
  const { method, uri, nonce, qop, nc = '', cnonce = '' } = input;
  const secret = session ? hash(`${ha1}:${nonce}:${cnonce}`) : ha1;
  const a2 = hash(`${method}:${uri}`);
  return hash(qop === undefined ? `${secret}:${nonce}:${a2}` : `${secret}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`);
}
