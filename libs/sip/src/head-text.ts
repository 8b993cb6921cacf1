import { decodeUtf8, encodeUtf8, Fault, portableCodec } from '@parley/prelude';

/*
 * Head text is how this library holds the head of a message: a string with one character per octet, U+0000 to U+00FF.
 * Searching and cutting it is native and needs no decoding; only text for people is ever turned into Unicode.
 */

const beyondAscii = /[^\0-\x7f]/;
const unsafe = /[^\t\x20-\xff]/;
const lineBreaks = /[\r\n]+/g;
const beyondOctet = /[^\0-\xff]/;
const notOneWord = /[\0-\x20\x7f-\uffff]/;

/** Unicode of head text that holds UTF-8; octets that are not UTF-8 become U+FFFD. @spec RFC 3261 §7 */
export function decodeText(headText: string): string {
  return beyondAscii.test(headText) ? decodeUtf8(portableCodec.encodeLatin1(headText)) : headText;
}

/** Head text that spells Unicode in UTF-8; the inverse of {@link decodeText}. */
export function encodeText(text: string): string {
  if (!beyondAscii.test(text)) return text;
  const bytes = encodeUtf8(text);
  return portableCodec.decodeLatin1(bytes, 0, bytes.length);
}

/**
 * Head text that can stand in one line: line breaks become a space, so that no value can smuggle in a field of its own,
 * and text with characters above U+00FF is taken for Unicode and encoded.
 */
export function oneLine(text: string): string {
  if (!unsafe.test(text)) return text;
  const octets = beyondOctet.test(text) ? encodeText(text) : text;
  return octets.replace(lineBreaks, ' ');
}

/**
 * Insists on a part of the start-line or a name that has no blanks, controls or octets beyond ASCII.
 *
 * @throws Fault when the caller passes what never was such a part
 */
export function oneWord(text: string, rule: string): string {
  if (text === '' || notOneWord.test(text)) throw new Fault(`${rule} is not one word: ${JSON.stringify(text)}`);
  return text;
}
