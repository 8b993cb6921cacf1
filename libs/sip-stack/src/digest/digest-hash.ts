/**
 * The hash functions, which browsers and Node have under different names. Each takes text, hashes its UTF-8 octets and
 * gives lower-case hexadecimal digits.
 */
export interface DigestHash {
  readonly md5: HashFunction;
  readonly sha256: HashFunction;
  /** SHA-512/256, where the runtime has it. */
  readonly sha512256?: HashFunction;
}

/** One hash function. */
export type HashFunction = (text: string) => string;

/** An algorithm of a challenge that we can compute. */
export interface DigestAlgorithm {
  /** Name of the hash alone, under which accounts keep their HA1. */
  readonly family: 'MD5' | 'SHA-256' | 'SHA-512-256';
  /** Whether HA1 is made anew for each session (`-sess`). @spec RFC 7616 §3.4.2 */
  readonly session: boolean;
  readonly hash: HashFunction;
}

/**
 * Finds the algorithm that a challenge or credentials name, without regard to case; absent means MD5.
 *
 * @returns undefined for an algorithm that is unknown or that the runtime lacks
 * @spec RFC 7616 §3.3, RFC 8760 §2.1
 */
export function algorithmOf(name: string | undefined, hash: DigestHash): DigestAlgorithm | undefined {
  const upper = (name ?? 'MD5').toUpperCase();
  const session = upper.endsWith('-SESS');
  switch (session ? upper.slice(0, -5) : upper) {
    case 'MD5':
      return { family: 'MD5', session, hash: hash.md5 };
    case 'SHA-256':
      return { family: 'SHA-256', session, hash: hash.sha256 };
    case 'SHA-512-256':
      return hash.sha512256 === undefined ? undefined : { family: 'SHA-512-256', session, hash: hash.sha512256 };
    default:
      return undefined;
  }
}
