import { ipv6Groups } from './ipv6-groups.ts';

/**
 * Whether two hosts are the same: names without regard to case and to the dot at the end, IPv6 addresses by value.
 *
 * @spec RFC 3261 §19.1.4, RFC 5118 §4.5 (an address has many spellings)
 */
export function equalHosts(a: string, b: string): boolean {
  return a === b || canonicalHost(a) === canonicalHost(b);
}

/** The one spelling of a host by which it is compared, and found in sets; an IPv6 address stands in brackets. */
export function canonicalHost(host: string): string {
  if (host.startsWith('[')) return `[${ipv6Groups(host.slice(1, -1))}]`;
  const lower = host.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}
