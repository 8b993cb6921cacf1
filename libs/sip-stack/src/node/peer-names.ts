import type { PeerCertificate, TLSSocket } from 'node:tls';

const sipUri = /^URI:sip:([^@;?]+)$/i;

/**
 * The SIP domains that a certificate proves: its `sip:` URIs without a user part, else its DNS names, else its common
 * name; in lower case.
 *
 * @spec RFC 5922 §7.1
 */
export function sipDomainsOf(certificate: PeerCertificate): string[] {
  // An anonymous peer has an empty object here, whatever the type says.
  const { subjectaltname, subject } = certificate as Partial<PeerCertificate>;
  const alternatives = subjectaltname?.split(', ') ?? [];
  const domains = alternatives.flatMap((name) => sipUri.exec(name)?.[1] ?? []);
  const names = alternatives.filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length));
  const common = alternatives.length > 0 ? [] : [subject?.CN ?? []].flat();
  const chosen = [domains, names, common].find((list) => list.length > 0) ?? [];
  return chosen.map((name) => name.toLowerCase());
}

/** Domains that the peer of an established connection proved; none when its certificate is not trusted. */
export function peerNamesOf(socket: TLSSocket): readonly string[] {
  return socket.authorized ? sipDomainsOf(socket.getPeerCertificate()) : [];
}

/**
 * Whether the certificate is for the host that we meant to reach.
 *
 * @returns an Error for `tls.connect`, or undefined
 * @spec RFC 5922 §7.2, §7.3 (no wildcards)
 */
export function checkSipIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const addresses = (certificate.subjectaltname ?? '').split(', ').filter((name) => name.startsWith('IP Address:'));
  if (addresses.includes(`IP Address:${host}`)) return undefined;
  const domains = sipDomainsOf(certificate);
  if (domains.includes(host.toLowerCase())) return undefined;
  return new Error(`expected a certificate for ${host}, it is for ${domains.join(', ') || 'nobody'}`);
}
