import { encodeUtf8, decodeUtf8, isUtf8 } from '@parley/prelude';

const plain = /^[\t\x20-\x7e]*$/;
const controls = /[\x00-\x08\x0a-\x1f\x7f]/;

const octets = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * Whether `text`, one character per octet, is `utf8text`.
 *
 * @spec RFC 4975 §9
 * @deviation the five- and six-octet forms of that ABNF are refused: RFC 3629, to which it refers, has none
 */
export function isUtf8Text(text: string): boolean {
  return plain.test(text) || (!controls.test(text) && isUtf8(octets(text)));
}

/** Reads one character per octet as the text that the UTF-8 octets mean; malformed sequences become U+FFFD. */
export function textOfOctets(text: string): string {
  return plain.test(text) ? text : decodeUtf8(octets(text));
}

/** The inverse of {@link textOfOctets}: one character per octet of the UTF-8 form. */
export function octetsOfText(text: string): string {
  if (plain.test(text)) return text;
  let latin1 = '';
  for (const octet of encodeUtf8(text)) latin1 += String.fromCharCode(octet);
  return latin1;
}

/**
 * Text of ours as the `utf8text` of a line: octets, and a space for every control character, so that a text which
 * came from elsewhere cannot end the line.
 */
export function lineOfText(text: string): string {
  return octetsOfText(text).replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ');
}
