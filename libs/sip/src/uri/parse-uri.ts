import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { parseImUri } from './parse-im-uri.ts';
import { parseSipUri } from './parse-sip-uri.ts';
import { parseTelUri } from './parse-tel-uri.ts';
import { plainSipUri } from './plain-sip-uri.ts';
import type { Uri } from './uri.ts';

const scheme = /^[A-Za-z][A-Za-z0-9+.-]*$/;
/** The longest scheme looked for; none that is registered comes near. */
const longestScheme = 64;
const uric = /^[A-Za-z0-9;/?:@&=+$,\-_.!~*'()[\]#]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9;/?:@&=+$,\-_.!~*'()[\]#]*)*$/;

/**
 * Reads a URI of any scheme; sip, sips, tel, im and pres into their parts.
 *
 * @param text - head text without blanks or brackets around it
 * @spec RFC 3261 §25.1 (addr-spec), RFC 3966 §3, RFC 3860 §3
 * @deviation takes `[`, `]` and `#` in absolute URIs, as RFC 3986 has them
 */
export function parseUri(text: string): Result<Uri, ParseError> {
  const plain = plainSipUri(text, 0, text.length);
  if (plain !== undefined) return ok(plain);
  if (text.startsWith('sip:')) return parseSipUri('sip', text.slice(4));
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(0, colon));
  if (name.length > longestScheme || !scheme.test(name)) return failure('scheme', 0, 'expected a scheme and a colon');
  return parseScheme(name.toLowerCase(), text.slice(colon + 1));
}

function parseScheme(name: string, rest: string): Result<Uri, ParseError> {
  switch (name) {
    case 'sip':
    case 'sips':
      return parseSipUri(name, rest);
    case 'tel':
      return parseTelUri(rest);
    case 'im':
    case 'pres':
      return parseImUri(name, rest);
    default:
      return rest !== '' && uric.test(rest)
        ? ok({ kind: 'absolute', scheme: name, rest })
        : failure('absoluteURI', name.length + 1, 'expected characters of a URI');
  }
}

function failure(rule: string, offset: number, message: string): Result<never, ParseError> {
  return err(parseError(rule, offset, 'RFC 3261 §25.1', message));
}
