import type { DigestHash } from './digest-hash.ts';
import { digestHa1 } from './digest-response.ts';

/** HA1s of one spelling of a username. */
export interface SpellingSecrets {
  readonly md5: string;
  readonly sha256: string;
}

/** What a server keeps of an account's password: HA1s for the bare name and for the address. */
export interface AccountSecrets {
  /** For `username="alice"`. */
  readonly name: SpellingSecrets;
  /** For `username="alice@example.net"`. */
  readonly address: SpellingSecrets;
}

/**
 * The secrets of an account for each way in which clients spell its username.
 *
 * @spec RFC 7616 §3.4.2
 */
export function accountSecrets(
  name: string,
  domain: string,
  realm: string,
  password: string,
  hash: DigestHash,
): AccountSecrets {
  const spelling = (username: string): SpellingSecrets => ({
    md5: digestHa1(username, realm, password, hash.md5),
    sha256: digestHa1(username, realm, password, hash.sha256),
  });
  return { name: spelling(name), address: spelling(`${name}@${domain}`) };
}
