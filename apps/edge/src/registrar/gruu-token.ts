import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '@parley/prelude';
import type { GruuKey, GruuKeys } from './gruu-keys.ts';

/** What a token says to those who have the key. */
export interface GruuToken {
  readonly account: string;
  /** Token of the series that it belongs to. */
  readonly series: string;
}

const cipher = 'aes-256-gcm';
const nonceOctets = 12;
const sealOctets = 16;
const headOctets = 1 + nonceOctets;
/** What is sealed is filled up to a multiple of this, so that its length tells nothing of the account. */
const block = 48;
/** Longest token that is looked at, characters; account names end far below. */
const longest = 1024;

/**
 * A new token, like no other: without the key nobody can tell whether two belong together.
 *
 * @spec RFC 5627 §5.1 (temporary GRUU, properties 1 and 2)
 */
export function sealGruu({ account, series }: GruuToken, { number, secret }: GruuKey, random: Random): string {
  const head = Buffer.from([number, ...random.bytes(nonceOctets)]);
  const sealing = createCipheriv(cipher, secret, head.subarray(1));
  const text = Buffer.from(`${series}\n${account}`);
  const padded = Buffer.concat([text, Buffer.alloc(block - (text.length % block), 0)]);
  const sealed = [sealing.update(padded), sealing.final()];
  return Buffer.concat([head, ...sealed, sealing.getAuthTag()]).toString('base64url');
}

/** What a token says; undefined when it is none of ours. */
export function openGruu(token: string, keys: Pick<GruuKeys, 'find'>): GruuToken | undefined {
  if (token.length > longest) return undefined;
  const octets = Buffer.from(token, 'base64url');
  const key = octets.length > headOctets + sealOctets ? keys.find(octets[0] ?? 0) : undefined;
  if (key === undefined || octets.toString('base64url') !== token) return undefined;
  const opening = createDecipheriv(cipher, key.secret, octets.subarray(1, headOctets), { authTagLength: sealOctets });
  opening.setAuthTag(octets.subarray(-sealOctets));
  try {
    const padded = Buffer.concat([opening.update(octets.subarray(headOctets, -sealOctets)), opening.final()]);
    const [series = '', account] = padded.subarray(0, padded.indexOf(0)).toString().split('\n');
    return account === undefined ? undefined : { account, series };
  } catch {
    // The seal does not fit.
    return undefined;
  }
}
