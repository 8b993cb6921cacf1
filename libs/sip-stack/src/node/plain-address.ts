const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The address without the IPv6 clothes in which a dual-stack socket shows IPv4. @spec RFC 4291 §2.5.5.2 */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::') ? (mapped.exec(address)?.[1] ?? address) : address;
}

/** The address as a socket of the family has to be given it. @spec RFC 4291 §2.5.5.2 */
export function addressFor(family: 4 | 6, address: string): string {
  return family === 6 && !address.includes(':') ? `::ffff:${address}` : address;
}

/** A host for a URL or a Via: IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
