import { crc32 } from 'node:zlib';

/** In every message of RFC 5389 and later, so that one is known from SIP and from RTP. @spec RFC 8489 §5 */
export const magicCookie = 0x2112a442;
/** Octets before the attributes: type, length, cookie, transaction id. */
export const headOctets = 20;

const attributeHead = 4;
const fingerprintType = 0x8028;
const fingerprintOctets = 8;
const fingerprintMask = 0x5354554e;

/** A message whose form is right. */
export interface StunMessage {
  readonly type: number;
  /** Types of the attributes in their order; FINGERPRINT left out. */
  readonly attributes: readonly number[];
  readonly hasFingerprint: boolean;
}

/** Whether a datagram on the SIP port is STUN: the two first bits, the cookie and the length tell. @spec RFC 8489 §5 */
export function isStun(datagram: Buffer): boolean {
  return (
    datagram.length >= headOctets &&
    datagram.length % 4 === 0 &&
    (datagram.readUInt8(0) & 0xc0) === 0 &&
    datagram.readUInt32BE(4) === magicCookie &&
    datagram.readUInt16BE(2) === datagram.length - headOctets
  );
}

/**
 * Reads a datagram that {@link isStun}.
 *
 * @returns undefined when an attribute does not fit, or a FINGERPRINT is wrong or not the last
 * @spec RFC 8489 §14, §14.7
 */
export function parseStun(datagram: Buffer): StunMessage | undefined {
  const attributes: number[] = [];
  for (let at = headOctets; at < datagram.length;) {
    const type = datagram.readUInt16BE(at);
    const next = at + attributeHead + padded(datagram.readUInt16BE(at + 2));
    if (next > datagram.length) return undefined;
    if (type === fingerprintType) {
      if (next !== datagram.length || !isIntact(datagram, at)) return undefined;
      return { type: datagram.readUInt16BE(0), attributes, hasFingerprint: true };
    }
    attributes.push(type);
    at = next;
  }
  return { type: datagram.readUInt16BE(0), attributes, hasFingerprint: false };
}

/** An attribute as it travels. */
export function stunAttribute(type: number, value: Buffer): Buffer {
  const octets = Buffer.alloc(attributeHead + padded(value.length));
  octets.writeUInt16BE(type, 0);
  octets.writeUInt16BE(value.length, 2);
  value.copy(octets, attributeHead);
  return octets;
}

/** The answer to a request, with its transaction id, and with FINGERPRINT where the request had one. @spec RFC 8489 §6.3.1.1 */
export function stunAnswer(request: Buffer, type: number, attributes: readonly Buffer[], sealed: boolean): Buffer {
  const head = Buffer.alloc(headOctets);
  request.copy(head, 4, 4, headOctets);
  const answer = Buffer.concat([head, ...attributes, ...(sealed ? [Buffer.alloc(fingerprintOctets)] : [])]);
  answer.writeUInt16BE(type, 0);
  answer.writeUInt16BE(answer.length - headOctets, 2);
  if (sealed) writeFingerprint(answer, answer.length - fingerprintOctets);
  return answer;
}

function writeFingerprint(message: Buffer, at: number): void {
  message.writeUInt16BE(fingerprintType, at);
  message.writeUInt16BE(attributeHead, at + 2);
  message.writeUInt32BE(fingerprintOf(message, at), at + attributeHead);
}

function isIntact(message: Buffer, at: number): boolean {
  return message.readUInt16BE(at + 2) === 4 && message.readUInt32BE(at + attributeHead) === fingerprintOf(message, at);
}

function fingerprintOf(message: Buffer, end: number): number {
  return (crc32(message.subarray(0, end)) ^ fingerprintMask) >>> 0;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
