import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import type { CpimHeader } from './header.ts';

const section = 'RFC 3862 §3.6';

/** NAMECHARs with at most one prefix. */
const headerName = /^[!#-'*+\-0-9A-Z^_`a-z|~]+(?:\.[!#-'*+\-0-9A-Z^_`a-z|~]+)?$/;

/** A control character, which a header must escape; in a line cut at CRLF that goes for a lone CR or LF as well. */
const control = /[\0-\x1f\x7f]/;

/** Offset behind the parameters that start at `at`, so of the space before the value; quoted strings may hold spaces. */
function parametersEnd(line: string, at: number): number {
  let quoted = false;
  for (let i = at; i < line.length; i++) {
    const character = line[i];
    if (character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ' ' && !quoted) return i;
  }
  return line.length;
}

/**
 * @deviation A header without a space behind its colon passes, though RFC 3862 §2.2 wants exactly one: hand-written
 * clients omit it. Further spaces belong to the value.
 */
function headerOf(line: string, offset: number): Result<CpimHeader, ParseError> {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!headerName.test(name)) return err(parseError('Header-name', offset, section, 'expected a header name and ":"'));
  if (control.test(line)) return err(parseError('HEADERCHAR', offset, section, 'a control character in a header'));
  const after = colon + 1;
  const end = line[after] === ';' ? parametersEnd(line, after) : after;
  const value = line.slice(line[end] === ' ' ? end + 1 : end);
  return ok({ name, parameters: end === after ? '' : line.slice(after, end), value });
}

/**
 * Splits the lines of a head, given without its blank line and the CRLF before that.
 *
 * @param offset - of the head in the input, for error reports
 */
export function readHeaders(
  text: string,
  offset: number,
  maxHeaders: number,
): Result<readonly CpimHeader[], ParseError> {
  const headers: CpimHeader[] = [];
  for (let at = 0; at < text.length;) {
    const crlf = text.indexOf('\r\n', at);
    const end = crlf === -1 ? text.length : crlf;
    if (headers.length === maxHeaders) return err(parseError('Header', offset + at, section, 'too many headers'));
    const header = headerOf(text.slice(at, end), offset + at);
    if (!header.ok) return header;
    headers.push(header.value);
    at = end + 2;
  }
  return ok(headers);
}
