import type { Connection } from './session-description.ts';

/** Where media go, as the address type of a `c=` line has it. */
export interface ConnectionAddress {
  readonly address: string;
  /** IPv4 multicast only, where it must be. */
  readonly ttl?: number;
  /** Contiguous multicast addresses; 1 when the line does not say. */
  readonly count: number;
}

const ip4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
const natural = /^[1-9]\d{0,8}$/;
const ttlNumber = /^(?:0|[1-9]\d{0,2})$/;

function isMulticast(addrtype: string, address: string): boolean {
  if (addrtype === 'IP6') return /^ff/i.test(address);
  const first = ip4.test(address) ? parseInt(address, 10) : 0;
  return first >= 224 && first <= 239;
}

function ip4Multicast(address: string, ttl: string, count: string | undefined): ConnectionAddress | undefined {
  if (!ttlNumber.test(ttl) || Number(ttl) > 255) return undefined;
  if (count !== undefined && !natural.test(count)) return undefined;
  return { address, ttl: Number(ttl), count: Number(count ?? 1) };
}

/**
 * Takes the address of a `c=` line apart; undefined when the slashes are not what its type allows. An address type other
 * than IP4 and IP6 is left as it is.
 *
 * @spec RFC 8866 §5.7
 */
export function connectionAddressOf(connection: Connection): ConnectionAddress | undefined {
  const { addrtype, connectionAddress } = connection;
  if (addrtype !== 'IP4' && addrtype !== 'IP6') return { address: connectionAddress, count: 1 };
  const [address = '', second, third, ...more] = connectionAddress.split('/');
  if (address === '' || more.length > 0) return undefined;
  if (!isMulticast(addrtype, address)) return second === undefined ? { address, count: 1 } : undefined;
  if (addrtype === 'IP4') return second === undefined ? undefined : ip4Multicast(address, second, third);
  if (third !== undefined || (second !== undefined && !natural.test(second))) return undefined;
  return { address, count: Number(second ?? 1) };
}
