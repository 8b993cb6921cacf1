import type { Endpoint } from '../flow.ts';

/** Names a remote endpoint in a map: for IPv4 a number, which costs no string. */
export type PeerKey = number | string;

const ports = 65_536;

/** The key of an IPv4 endpoint. */
export function peerKey4(address: number, port: number): PeerKey {
  return (address >>> 0) * ports + port;
}

/** The key of any endpoint. */
export function peerKeyOf({ address, port }: Endpoint): PeerKey {
  const number = ipv4Number(address);
  return number === undefined ? `${address} ${port}` : number * ports + port;
}

/** The number of a dotted address; undefined for any other text. */
function ipv4Number(address: string): number | undefined {
  let number = 0;
  let octet = 0;
  let dots = 0;
  for (let i = 0; i < address.length; i++) {
    const digit = address.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) octet = octet * 10 + digit;
    else if (digit !== -2) return undefined;
    else {
      number = number * 256 + octet;
      octet = 0;
      dots++;
    }
  }
  return dots === 3 ? number * 256 + octet : undefined;
}
