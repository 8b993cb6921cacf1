/**
 * Who an address counts as: IPv4 for itself, IPv6 by its first 64 bits, which are what one subscriber has.
 *
 * @param address - in the text form of the system, without the IPv6 clothes of IPv4
 * @spec RFC 4291 §2.5.1 (interface identifiers of 64 bits), RFC 6177 §2
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%', 1).join('').split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...new Array<string>(gap).fill('0'), ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
