import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import type { CpimHeader } from './header.ts';

const section = 'RFC 3862 §3.6';

/**
 * One header line at `lastIndex`: NAMECHARs with at most one prefix, a colon, and no control characters up to the CRLF.
 * Each piece stops where the next must start, so a line is looked at once, match or no match.
 */
const headerLine = /([!#-'*+\-0-9A-Z^_`a-z|~]+(?:\.[!#-'*+\-0-9A-Z^_`a-z|~]+)?):([^\0-\x1f\x7f]*)(?:\r\n|$)/y;

/** Offset behind the parameters at the start of `rest`, so of the space before the value; quotes may hold spaces. */
function parametersEnd(rest: string): number {
  let quoted = false;
  for (let i = 0; i < rest.length; i++) {
    const character = rest[i];
    if (character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ' ' && !quoted) return i;
  }
  return rest.length;
}

/**
 * @deviation A header without a space behind its colon passes, though RFC 3862 §2.2 wants exactly one: hand-written
 * clients omit it. Further spaces belong to the value.
 */
function headerOf(name: string, rest: string): CpimHeader {
  if (rest.startsWith(';')) {
    const end = parametersEnd(rest);
    return { name, parameters: rest.slice(0, end), value: rest.slice(end + 1) };
  }
  return { name, parameters: '', value: rest.startsWith(' ') ? rest.slice(1) : rest };
}

const headerName = /^[!#-'*+\-0-9A-Z^_`a-z|~]+(?:\.[!#-'*+\-0-9A-Z^_`a-z|~]+)?$/;

/** Says which part of the line at `at` is no header. */
function malformed(text: string, at: number, offset: number): ParseError {
  const colon = text.indexOf(':', at);
  if (colon === -1 || !headerName.test(text.slice(at, colon))) {
    return parseError('Header-name', offset + at, section, 'expected a header name and ":"');
  }
  return parseError('HEADERCHAR', offset + at, section, 'a control character in a header');
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
  for (let at = 0; at < text.length; at = headerLine.lastIndex) {
    if (headers.length === maxHeaders) return err(parseError('Header', offset + at, section, 'too many headers'));
    headerLine.lastIndex = at;
    const [, name, rest] = headerLine.exec(text) ?? [];
    if (name === undefined || rest === undefined) return err(malformed(text, at, offset));
    headers.push(headerOf(name, rest));
  }
  return ok(headers);
}
