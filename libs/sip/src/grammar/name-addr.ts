import { unquote, quote } from './quoted.ts';
import type { Parameters } from './parameters.ts';
import { noParameters, scanParameters, serialiseParameters } from './parameters.ts';
import { code, isIn, octetClass } from './characters.ts';
import type { Scanner } from './scanner.ts';
import { decodeText } from '../head-text.ts';
import { parseUri } from '../uri/parse-uri.ts';
import { serialiseUri } from '../uri/serialise-uri.ts';
import type { Uri } from '../uri/uri.ts';
import { trimBlanks } from './split-list.ts';
import { atParameter } from './parameters.ts';

/** An address: perhaps a name for people, a URI, and the parameters of the header field (not those of the URI). */
export interface NameAddr {
  /** Unicode. */
  readonly displayName?: string | undefined;
  readonly uri: Uri;
  readonly parameters: Parameters;
}

const nowhere: Uri = { kind: 'absolute', scheme: 'about', rest: 'blank' };

/**
 * ( name-addr / addr-spec ) and its parameters. Without brackets every `;` starts a parameter of the header field.
 *
 * @spec RFC 3261 §20.10, §25.1
 * @deviation takes UTF-8 in a display name without quotes, for clients that forget them
 */
export function scanNameAddr(s: Scanner, bracketsNeeded = false): NameAddr {
  const address = scanAddress(s, bracketsNeeded);
  if (atParameter(s)) address.parameters = scanParameters(s);
  return address;
}

/** An address that is being read, its parameters still to come. */
export type NameAddrDraft = { -readonly [K in keyof NameAddr]: NameAddr[K] };

/** ( name-addr / addr-spec ), for grammars that take the parameters themselves. */
export function scanAddress(s: Scanner, bracketsNeeded = false): NameAddrDraft {
  const displayName = scanDisplayName(s);
  const bracketed = s.peek() === code.less;
  if (bracketsNeeded && !bracketed) s.fail('name-addr', 'expected a URI in angle brackets');
  const uri = bracketed ? scanBracketedUri(s) : scanBareUri(s);
  return { displayName, uri, parameters: noParameters };
}

/** The URI between LAQUOT and RAQUOT; a URI of no use after a failure. */
export function scanBracketedUri(s: Scanner): Uri {
  if (s.peek() !== code.less) s.fail('LAQUOT', 'expected a URI in angle brackets');
  const close = s.text.indexOf('>', s.at);
  if (close === -1 || close >= s.end) s.fail('RAQUOT', 'expected a closing angle bracket');
  if (s.failure !== undefined) return nowhere;
  const uri = parsedUri(s, s.text.slice(s.at + 1, close));
  s.at = close + 1;
  return uri;
}

function scanBareUri(s: Scanner): Uri {
  const text = s.until('; \t,<>"');
  if (text.includes('?')) s.fail('addr-spec', 'expected a URI with ? in angle brackets', 'RFC 3261 §20.10');
  return parsedUri(s, text);
}

function parsedUri(s: Scanner, text: string): Uri {
  const uri = parseUri(text);
  if (uri.ok) return uri.value;
  s.fail(uri.error.rule, uri.error.message, uri.error.section);
  return nowhere;
}

/** A quoted-string, or tokens that a `<` follows; leaves the scanner at the URI. */
function scanDisplayName(s: Scanner): string | undefined {
  s.skipBlanks();
  if (s.peek() === code.quote) {
    const quoted = s.quotedString('display-name');
    s.skipBlanks();
    if (s.peek() !== code.less) s.fail('name-addr', 'expected a URI in angle brackets after the display name');
    return unquote(quoted);
  }
  let end = s.at;
  while (end < s.end && isDisplayCode(s.text.charCodeAt(end))) end++;
  if (end === s.at || s.text.charCodeAt(end) !== code.less) return undefined;
  const name = trimBlanks(s.text, s.at, end);
  s.at = end;
  return decodeText(name);
}

function isDisplayCode(octet: number): boolean {
  return isIn(octet, octetClass.token | octetClass.blank) || octet >= 0x80;
}

/** The inverse of {@link scanNameAddr}; always with brackets, the display name always in quotes. */
export function serialiseNameAddr(address: NameAddr): string {
  const name = address.displayName === undefined ? '' : `${quote(address.displayName)} `;
  return `${name}<${serialiseUri(address.uri)}>${serialiseParameters(address.parameters)}`;
}
