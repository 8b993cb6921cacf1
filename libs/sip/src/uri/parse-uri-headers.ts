import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { normaliseEscapes } from './escapes.ts';
import type { UriHeader } from './uri.ts';

const header = /^[A-Za-z0-9\-_.!~*'()[\]/?:+$]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9\-_.!~*'()[\]/?:+$]*)*$/;

/** Reads what follows the `?` of a URI; a name may come more than once. @spec RFC 3261 §25.1 (headers) */
export function parseUriHeaders(text: string): Result<readonly UriHeader[], ParseError> {
  const headers: UriHeader[] = [];
  for (const piece of text.split('&')) {
    const equals = piece.indexOf('=');
    const name = piece.slice(0, Math.max(0, equals));
    const value = piece.slice(equals + 1);
    if (name === '' || !header.test(name) || !header.test(value)) {
      return err(parseError('header', 0, 'RFC 3261 §25.1', 'expected a name, = and a value'));
    }
    headers.push([normaliseEscapes(name).toLowerCase(), value]);
  }
  return ok(headers);
}
