import { concatBytes } from '@parley/prelude';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const sextets = new Int8Array(256).fill(-1);
for (let i = 0; i < alphabet.length; i++) sextets[alphabet.charCodeAt(i)] = i;

const padding = 61;

/** Octets of a base64 body; what is outside the alphabet is passed over, as is all behind padding. @spec RFC 2045 §6.8 */
export function decodeBase64(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.floor((body.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (const octet of body) {
    if (octet === padding) break;
    const sextet = sextets[octet] ?? -1;
    if (sextet === -1) continue;
    bits = ((bits << 6) | sextet) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[length++] = (bits >> held) & 0xff;
    }
  }
  return out.subarray(0, length);
}

function encodeLine(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63);
    text += b === undefined ? '=' : alphabet.charAt((group >> 6) & 63);
    text += c === undefined ? '=' : alphabet.charAt(group & 63);
  }
  return text;
}

/** Octets that fill one line of 76 characters, the most that the encoding allows. */
const perLine = 57;

/** `bytes` in base64, in lines of 76 characters parted by CRLF. @spec RFC 2045 §6.8 */
export function encodeBase64(bytes: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += perLine) {
    const line = encodeLine(bytes.subarray(at, at + perLine)) + (at + perLine < bytes.length ? '\r\n' : '');
    lines.push(Uint8Array.from(line, (character) => character.charCodeAt(0)));
  }
  return concatBytes(lines);
}
