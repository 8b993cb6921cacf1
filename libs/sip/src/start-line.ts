import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { isToken } from './grammar/characters.ts';

/** Method, Request-URI and version, the URI as it is written. */
export interface RequestLine {
  readonly kind: 'request';
  readonly method: string;
  readonly requestUri: string;
  /** False asks for a 505. @spec RFC 3261 §7.1 */
  readonly versionSupported: boolean;
}

/** Status code and reason phrase, the phrase as head text. */
export interface StatusLine {
  readonly kind: 'response';
  readonly statusCode: number;
  readonly reasonPhrase: string;
  readonly versionSupported: boolean;
}

const version = /^SIP\/[0-9]+\.[0-9]+$/i;
const notInUri = /[^\x21\x23-\x3b\x3d\x3f-\x7e]/;
const statusCode = /^[1-6][0-9]{2}$/;
const control = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * Reads the first line of a message, without its CRLF.
 *
 * @spec RFC 3261 §7.1, §7.2
 */
export function parseStartLine(line: string): Result<RequestLine | StatusLine, ParseError> {
  return line.startsWith('/', 3) && /^sip/i.test(line) ? parseStatusLine(line) : parseRequestLine(line);
}

function parseRequestLine(line: string): Result<RequestLine, ParseError> {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = line.slice(0, Math.max(first, 0));
  if (!isToken(method)) return failure('Request-Line', 0, 'expected a method and a space');
  const requestUri = line.slice(first + 1, last);
  if (requestUri === '' || notInUri.test(requestUri)) {
    return failure('Request-URI', first + 1, 'expected a URI between single spaces');
  }
  const text = line.slice(last + 1);
  if (text !== 'SIP/2.0' && !version.test(text))
    return failure('SIP-Version', last + 1, 'expected SIP/2.0 at the end of the line');
  return ok({ kind: 'request', method, requestUri, versionSupported: isSupported(text) });
}

function parseStatusLine(line: string): Result<StatusLine, ParseError> {
  const first = line.indexOf(' ');
  const text = first === -1 ? line : line.slice(0, first);
  if (!version.test(text)) return failure('SIP-Version', 0, 'expected SIP/2.0');
  const code = line.slice(first + 1, first + 4);
  const after = line.slice(first + 4);
  if (first === -1 || !statusCode.test(code) || !(after === '' || after.startsWith(' '))) {
    return failure('Status-Code', first + 1, 'expected three digits, the first from 1 to 6, and a space');
  }
  if (control.test(after)) return failure('Reason-Phrase', first + 5, 'expected text without control characters');
  const reasonPhrase = after.slice(1);
  return ok({ kind: 'response', statusCode: Number(code), reasonPhrase, versionSupported: isSupported(text) });
}

function isSupported(text: string): boolean {
  return text === 'SIP/2.0' || text.toUpperCase() === 'SIP/2.0';
}

function failure(rule: string, offset: number, message: string): Result<never, ParseError> {
  return err(parseError(rule, offset, 'RFC 3261 §25.1', message));
}
