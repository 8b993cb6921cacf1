/** The hash of a certificate that a TLS connection of the stream will show. @spec RFC 8122 §5 */
export interface Fingerprint {
  /** Name of the hash function in lower case, e.g. `sha-256`. */
  readonly hashFunction: string;
  /** Octets in upper-case hexadecimal, parted by colons. */
  readonly fingerprint: string;
}

const grammar = /^([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*)$/;

/** Reads the value of `a=fingerprint`; undefined when it is malformed. @spec RFC 8122 §5 */
export function readFingerprint(value: string): Fingerprint | undefined {
  const [, hashFunction, fingerprint] = grammar.exec(value) ?? [];
  if (hashFunction === undefined || fingerprint === undefined) return undefined;
  return { hashFunction: hashFunction.toLowerCase(), fingerprint: fingerprint.toUpperCase() };
}
