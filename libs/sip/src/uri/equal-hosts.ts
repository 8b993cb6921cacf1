import { ipv6Groups } from './ipv6-groups.ts';

/**
 * Whether two hosts are the same: names without regard to case and to the dot at the end, IPv6 addresses by value.
 *
 * @spec RFC 3261 §19.1.4, RFC 5118 §4.5 (an address has many spellings)
 */
export function equalHosts(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.startsWith('[') && b.startsWith('[')) return ipv6Groups(a.slice(1, -1)) === ipv6Groups(b.slice(1, -1));
  return canonicalName(a) === canonicalName(b);
}

function canonicalName(host: string): string {
  const lower = host.toLowerCase();
  return lower.endsWith('.') ? lower.slice(0, -1) : lower;
}
