import type { Random } from '@parley/prelude';

/** Digits for `o=`, as unlikely to meet again as an NTP timestamp. @spec RFC 8866 §5.2 */
export function descriptionId(random: Random): string {
  const octets = random.bytes(6);
  return String(octets.reduce((value, octet) => value * 256 + octet, 0));
}
