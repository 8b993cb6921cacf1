import { createHash, X509Certificate } from 'node:crypto';

/** Hash functions that prove anything, strongest first, by their names in Node. @spec RFC 8122 §5 */
const hashFunctions: readonly (readonly [string, string])[] = [
  ['sha-512', 'sha512'],
  ['sha-384', 'sha384'],
  ['sha-256', 'sha256'],
  ['sha-224', 'sha224'],
  ['sha-1', 'sha1'],
];

function hashOf(certificate: Uint8Array, algorithm: string): string {
  const hex = createHash(algorithm).update(certificate).digest('hex').toUpperCase();
  return (hex.match(/../g) ?? []).join(':');
}

/** The value of `a=fingerprint` for a certificate in DER. @spec RFC 8122 §5 */
export function fingerprintOf(certificate: Uint8Array): string {
  return `sha-256 ${hashOf(certificate, 'sha256')}`;
}

/**
 * Whether a certificate in DER is one of those that were announced, by the strongest hash function announced; never when
 * none of them proves anything.
 *
 * @param announced - values of `a=fingerprint`
 * @spec RFC 8122 §5.1, RFC 4975 §14.4
 */
export function isAnnounced(certificate: Uint8Array, announced: readonly string[]): boolean {
  for (const [name, algorithm] of hashFunctions) {
    const prints = announced.flatMap((value) => {
      const [hash = '', print = ''] = value.split(' ');
      return hash.toLowerCase() === name ? [print.toUpperCase()] : [];
    });
    if (prints.length > 0) return prints.includes(hashOf(certificate, algorithm));
  }
  return false;
}

/**
 * What peers are told of our certificate: its fingerprint when it vouches for itself, for then they have no other way to
 * know it; nothing when an authority does.
 *
 * @param pem - a certificate, others may follow
 * @spec RFC 4975 §14.4
 */
export function ownFingerprint(pem: string): string | undefined {
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate) ? fingerprintOf(certificate.raw) : undefined;
}
