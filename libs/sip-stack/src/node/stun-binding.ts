import type { Endpoint } from '../flow.ts';
import { headOctets, magicCookie, parseStun, stunAnswer, stunAttribute } from './stun-message.ts';

const bindingRequest = 0x0001;
const bindingIndication = 0x0011;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;

const xorMappedAddress = 0x0020;
const errorCode = 0x0009;
const unknownAttributes = 0x000a;
/** Attributes from here on may be passed over by who does not know them. @spec RFC 8489 §14 */
const comprehensionOptional = 0x8000;
/**
 * What must be understood, and is: the addresses and credentials of RFC 8489 §14. No credentials are wanted here, so that
 * those that come are passed over (RFC 5626 §8).
 */
const understood: ReadonlySet<number> = new Set([
  0x0001, // MAPPED-ADDRESS
  0x0006, // USERNAME
  0x0008, // MESSAGE-INTEGRITY
  0x0009, // ERROR-CODE
  0x000a, // UNKNOWN-ATTRIBUTES
  0x0014, // REALM
  0x0015, // NONCE
  0x001c, // MESSAGE-INTEGRITY-SHA256
  0x001d, // PASSWORD-ALGORITHM
  0x001e, // USERHASH
  0x0020, // XOR-MAPPED-ADDRESS
]);

/** What a STUN datagram on the SIP port means. */
export interface StunHeard {
  /** Whether it is a keep-alive: a Binding request or indication whose form is right. */
  readonly isKeepAlive: boolean;
  readonly answer: Buffer | undefined;
}

const nothing: StunHeard = { isKeepAlive: false, answer: undefined };
const indicated: StunHeard = { isKeepAlive: true, answer: undefined };

/**
 * Takes a keep-alive over UDP. A Binding request is answered with the address that the peer is seen at, which tells it of
 * a NAT that has changed its mind; 420 where it must be understood what is not.
 *
 * @spec RFC 5626 §3.5.2, §5.4, §8; RFC 8489 §6.3
 */
export function hearStun(datagram: Buffer, seen: Endpoint): StunHeard {
  const message = parseStun(datagram);
  if (message?.type === bindingIndication) return indicated;
  if (message?.type !== bindingRequest) return nothing;
  const strange = message.attributes.filter((type) => type < comprehensionOptional && !understood.has(type));
  const attributes =
    strange.length > 0 ? unknownAttribute(strange) : [stunAttribute(xorMappedAddress, xorAddress(datagram, seen))];
  const type = strange.length > 0 ? bindingError : bindingSuccess;
  return { isKeepAlive: strange.length === 0, answer: stunAnswer(datagram, type, attributes, message.hasFingerprint) };
}

/** {@link hearStun} where only the answer matters. */
export function stunBindingAnswer(datagram: Buffer, seen: Endpoint): Buffer | undefined {
  return hearStun(datagram, seen).answer;
}

/** Without a phrase, so that the answer gives nobody much more than he sent. @spec RFC 8489 §14.8, §14.13 */
function unknownAttribute(types: readonly number[]): readonly Buffer[] {
  const list = Buffer.alloc(2 * types.length);
  types.forEach((type, i) => list.writeUInt16BE(type, 2 * i));
  return [stunAttribute(errorCode, Buffer.from([0, 0, 4, 20])), stunAttribute(unknownAttributes, list)];
}

/** @spec RFC 8489 §14.2 */
function xorAddress(request: Buffer, { address, port }: Endpoint): Buffer {
  const octets = octetsOf(address);
  const value = Buffer.alloc(4 + octets.length);
  value.writeUInt8(octets.length === 4 ? 1 : 2, 1);
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  const key = request.subarray(4, headOctets);
  for (let i = 0; i < octets.length; i++) value[4 + i] = (octets[i] ?? 0) ^ (key[i] ?? 0);
  return value;
}

function octetsOf(address: string): Buffer {
  return address.includes(':') ? ipv6Octets(address) : Buffer.from(address.split('.').map(Number));
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
