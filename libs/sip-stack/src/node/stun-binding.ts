import type { Endpoint } from '../flow.ts';

const magicCookie = 0x2112a442;
const headOctets = 20;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const xorMappedAddress = 0x0020;

/** Whether a datagram on the SIP port is STUN: the two first bits, the cookie and the length tell. @spec RFC 5389 §8 */
export function isStun(datagram: Buffer): boolean {
  return (
    datagram.length >= headOctets &&
    (datagram.readUInt8(0) & 0xc0) === 0 &&
    datagram.readUInt32BE(4) === magicCookie &&
    datagram.readUInt16BE(2) === datagram.length - headOctets
  );
}

/** Octets of an IPv6 literal; a zone is left out. */
function ipv6Octets(address: string): Buffer {
  const [text = ''] = address.split('%');
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const gap = new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0);
  const octets = Buffer.alloc(16);
  [...left, ...gap, ...right].forEach((group, i) => octets.writeUInt16BE(group & 0xffff, 2 * i));
  return octets;
}

function octetsOf(address: string): Buffer {
  return address.includes(':') ? ipv6Octets(address) : Buffer.from(address.split('.').map(Number));
}

/**
 * The answer to a keep-alive over UDP: the address that the peer is seen at.
 *
 * @returns undefined for anything but a binding request
 * @spec RFC 5626 §3.5.2, §8; RFC 5389 §15.2
 */
export function stunBindingAnswer(request: Buffer, seen: Endpoint): Buffer | undefined {
  if (request.readUInt16BE(0) !== bindingRequest) return undefined;
  const address = octetsOf(seen.address);
  const answer = Buffer.alloc(headOctets + 8 + address.length);
  answer.writeUInt16BE(bindingSuccess, 0);
  answer.writeUInt16BE(8 + address.length, 2);
  request.copy(answer, 4, 4, headOctets);
  answer.writeUInt16BE(xorMappedAddress, 20);
  answer.writeUInt16BE(4 + address.length, 22);
  answer.writeUInt8(address.length === 4 ? 1 : 2, 25);
  answer.writeUInt16BE(seen.port ^ (magicCookie >>> 16), 26);
  for (let i = 0; i < address.length; i++) answer[28 + i] = (address[i] ?? 0) ^ (answer[4 + i] ?? 0);
  return answer;
}
