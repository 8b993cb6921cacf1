import { readFile } from 'node:fs/promises';

/** Names a TCP connection among all of this machine. */
export type ConnectionName = string;

const nameOf = (address: string, remotePort: number, localPort: number): ConnectionName =>
  `${address} ${remotePort} ${localPort}`;

/** The ends of a connection, as its socket tells them. */
export interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localPort?: number | undefined;
}

/** The name of a socket's connection. */
export function connectionName({ remoteAddress = '', remotePort = 0, localPort = 0 }: Ends): ConnectionName {
  return nameOf(remoteAddress.replace(/^::ffff:/i, ''), remotePort, localPort);
}

/**
 * A line of an established connection that sends again what is not acknowledged (timer 1), or asks in vain whether there is
 * room (timer 4): its ports and addresses.
 */
const stalled =
  /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) 01 \S+ (?:01:\S+ (?!00000000 )\S+|04:\S+ \S+ +\d+ +(?!0 )\d+) /gm;

/** Reads an address of the kernel: words of four octets, each with its last octet first. */
function addressOf(hex: string): string {
  const octets = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  const mapped = octets.length === 16 && octets.slice(0, 10).every((octet) => octet === 0) && octets[10] === 255;
  if (octets.length === 4 || mapped) return octets.slice(-4).join('.');
  const groups = octets.flatMap((high, i) => (i % 2 === 0 ? [(high * 256 + (octets[i + 1] ?? 0)).toString(16)] : []));
  // The shortest spelling, which is Node's.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** The connections of a table of the kernel (`/proc/net/tcp`) whose peers acknowledge nothing at the moment. */
export function stalledIn(table: string): readonly ConnectionName[] {
  const names: ConnectionName[] = [];
  for (const [, localPort = '', address = '', remotePort = ''] of table.matchAll(stalled)) {
    names.push(nameOf(addressOf(address), parseInt(remotePort, 16), parseInt(localPort, 16)));
  }
  return names;
}

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** The connections whose peers acknowledge nothing at the moment, as the kernel knows; none where it does not tell. */
export async function stalledConnections(): Promise<ReadonlySet<ConnectionName>> {
  const texts = await Promise.all(tables.map((file) => readFile(file, 'latin1').catch(() => '')));
  return new Set(texts.flatMap(stalledIn));
}
