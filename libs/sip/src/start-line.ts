import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { code, octetClass, skipWhile } from './grammar/characters.ts';
import { methodAt } from './method-at.ts';

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

const supported = 'SIP/2.0';
const version = /^SIP\/[0-9]+\.[0-9]+$/i;
const zero = 0x30;
const control = /[\0-\x08\x0a-\x1f\x7f]/;

/**
 * Reads the first line of a message.
 *
 * @param text - begins with the line
 * @param end - where its CRLF stands
 * @spec RFC 3261 §7.1, §7.2
 */
export function parseStartLine(text: string, end: number): Result<RequestLine | StatusLine, ParseError> {
  return text.charCodeAt(3) === code.slash && (text.startsWith('SIP') || /^sip/i.test(text))
    ? parseStatusLine(text, end)
    : parseRequestLine(text, end);
}

function parseRequestLine(text: string, end: number): Result<RequestLine, ParseError> {
  const first = skipWhile(text, 0, octetClass.token);
  if (first === 0 || text.charCodeAt(first) !== code.space) {
    return failure('Request-Line', 0, 'expected a method and a space');
  }
  const last = text.lastIndexOf(' ', end);
  if (last <= first + 1 || skipWhile(text, first + 1, octetClass.uri) !== last) {
    return failure('Request-URI', first + 1, 'expected a URI between single spaces');
  }
  const versionSupported = isSupported(text, last + 1, end);
  if (!versionSupported && !version.test(text.slice(last + 1, end)))
    return failure('SIP-Version', last + 1, 'expected SIP/2.0 at the end of the line');
  return ok({
    kind: 'request',
    method: methodAt(text, 0, first),
    requestUri: text.slice(first + 1, last),
    versionSupported,
  });
}

function parseStatusLine(text: string, end: number): Result<StatusLine, ParseError> {
  const space = text.indexOf(' ');
  const first = space === -1 || space > end ? end : space;
  const versionSupported = isSupported(text, 0, first);
  if (!versionSupported && !version.test(text.slice(0, first))) return failure('SIP-Version', 0, 'expected SIP/2.0');
  const status = statusAt(text, first + 1);
  const after = text.slice(first + 4, Math.max(first + 4, end));
  if (first === end || status === -1 || !(after === '' || after.startsWith(' '))) {
    return failure('Status-Code', first + 1, 'expected three digits, the first from 1 to 6, and a space');
  }
  if (after !== ' OK' && control.test(after))
    return failure('Reason-Phrase', first + 5, 'expected text without control characters');
  return ok({ kind: 'response', statusCode: status, reasonPhrase: after.slice(1), versionSupported });
}

/** Three digits, the first from 1 to 6; -1 where others stand. */
function statusAt(text: string, at: number): number {
  const hundreds = text.charCodeAt(at) - zero;
  const tens = text.charCodeAt(at + 1) - zero;
  const ones = text.charCodeAt(at + 2) - zero;
  const isStatus = hundreds >= 1 && hundreds <= 6 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
  return isStatus ? 100 * hundreds + 10 * tens + ones : -1;
}

function isSupported(text: string, start: number, end: number): boolean {
  if (end - start !== supported.length) return false;
  return text.startsWith(supported, start) || text.slice(start, end).toUpperCase() === supported;
}

function failure(rule: string, offset: number, message: string): Result<never, ParseError> {
  return err(parseError(rule, offset, 'RFC 3261 §25.1', message));
}
