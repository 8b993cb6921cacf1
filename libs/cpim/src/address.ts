import { decodeText, encodeText, trimWsp } from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import { escapeValue, unescapeValue } from './escape.ts';

/** Who sent a message or shall get it: the value of From, To or cc. */
export interface CpimAddress {
  /** The "real world" name, unescaped; absent when there is none. */
  readonly formalName?: string;
  /** An absolute URI, without its angle brackets; which schemes are fit is the application's affair. */
  readonly uri: string;
}

const section = 'RFC 3862 §4.1';

/** absolute-URI, as far as it matters where a URI ends: scheme, colon, and nothing that cannot stand in a URI. */
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:[^ "<>]+$/;

/** A String; the loop's pieces share no first character, so matching is linear. */
const quoted = /"([^"\\]*(?:\\[^][^"\\]*)*)"/y;

function skipSpaces(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end++;
  return end;
}

/** The formal name, still escaped, and where the angle bracket behind it should be; -1 when there is no bracket. */
function nameAt(value: string): { readonly name: string; readonly bracket: number } {
  const start = skipSpaces(value, 0);
  if (value[start] !== '"') {
    const bracket = value.indexOf('<', start);
    return { name: trimWsp(value.slice(start, Math.max(bracket, start))), bracket };
  }
  quoted.lastIndex = start;
  const name = quoted.exec(value)?.[1];
  if (name === undefined) return { name: '', bracket: -1 };
  const bracket = skipSpaces(value, start + name.length + 2);
  return { name, bracket: value[bracket] === '<' ? bracket : -1 };
}

/** A value that is a URI without angle brackets around it. */
function bareUri(value: string): Result<CpimAddress, ParseError> {
  const uri = trimWsp(value);
  if (absoluteUri.test(uri)) return ok({ uri });
  return err(parseError('From-header', 0, section, 'expected [ Formal-name ] "<" URI ">"'));
}

/**
 * Reads the value of From, To or cc.
 *
 * @deviation A URI alone, without angle brackets, is taken for the address, and spaces around the brackets pass: some
 * clients send both. Anything else without brackets is an error of this header only, not of the message.
 * @spec RFC 3862 §4.1, §4.2, §4.3
 */
export function parseCpimAddress(value: string, codec: ByteCodec = portableCodec): Result<CpimAddress, ParseError> {
  const { name, bracket } = nameAt(value);
  if (bracket === -1) return bareUri(value);
  const close = value.indexOf('>', bracket);
  const uri = value.slice(bracket + 1, Math.max(close, bracket + 1));
  if (!absoluteUri.test(uri)) return err(parseError('URI', bracket + 1, section, 'expected an absolute URI and ">"'));
  if (skipSpaces(value, close + 1) !== value.length) {
    return err(parseError('From-header', close + 1, section, 'expected the end of the line after ">"'));
  }
  const formalName = unescapeValue(decodeText(name, codec));
  return ok(formalName === '' ? { uri } : { formalName, uri });
}

/** Words of TOKENCHARs with one space between, the form that needs no quotes. */
const tokens = /^[!#-'*+\-.0-9A-Z^_`a-z|~\u0080-\uffff]+(?: [!#-'*+\-.0-9A-Z^_`a-z|~\u0080-\uffff]+)*$/;

/** The value of From, To or cc as it goes on the wire. @spec RFC 3862 §3.6 (Formal-name) */
export function serialiseCpimAddress(address: CpimAddress, codec: ByteCodec = portableCodec): string {
  const { formalName = '', uri } = address;
  if (formalName === '') return `<${uri}>`;
  if (tokens.test(formalName)) return `${encodeText(formalName, codec)} <${uri}>`;
  return `"${encodeText(escapeValue(formalName).replaceAll('"', '\\"'), codec)}"<${uri}>`;
}
