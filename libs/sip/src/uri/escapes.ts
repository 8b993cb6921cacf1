import { decodeUtf8 } from '@parley/prelude';
import { encodeText } from '../head-text.ts';

const escaped = /%[0-9A-Fa-f]{2}/g;
const escapedRun = /(?:%[0-9A-Fa-f]{2})+/g;
const unreserved = /[A-Za-z0-9\-_.!~*'()]/;
const notInUser = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g;
const notInParameter = /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/g;
const notInHeader = /[^A-Za-z0-9\-_.!~*'()[\]/?:+$]/g;

/** Unicode that escapes and plain characters spell, taken off once. @spec RFC 3986 §2.4 */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(escapedRun, (run) => {
    const octets = new Uint8Array(run.length / 3);
    for (let i = 0; i < octets.length; i++) octets[i] = Number.parseInt(run.slice(3 * i + 1, 3 * i + 3), 16);
    return decodeUtf8(octets);
  });
}

/** User part of a SIP URI that spells the Unicode text. @spec RFC 3261 §25.1 (user) */
export function escapeUser(text: string): string {
  return escapeOctets(text, notInUser);
}

/** Parameter name or value of a SIP URI that spells the Unicode text. @spec RFC 3261 §25.1 (paramchar) */
export function escapeUriParameter(text: string): string {
  return escapeOctets(text, notInParameter);
}

/** Header name or value of a SIP URI that spells the Unicode text. @spec RFC 3261 §25.1 (hvalue) */
export function escapeUriHeader(text: string): string {
  return escapeOctets(text, notInHeader);
}

/**
 * The one spelling among equivalent ones: escapes of unreserved characters are taken off, the others written in upper
 * case. Escapes of reserved characters stay, and so do those of octets that could not stand unescaped.
 *
 * @spec RFC 3261 §19.1.4
 */
export function normaliseEscapes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(escaped, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return unreserved.test(character) ? character : triplet.toUpperCase();
  });
}

function escapeOctets(text: string, outside: RegExp): string {
  return encodeText(text).replace(outside, (octet) => {
    const code = octet.charCodeAt(0);
    return `%${code < 16 ? '0' : ''}${code.toString(16).toUpperCase()}`;
  });
}
