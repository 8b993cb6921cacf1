import { parseError } from '@parley/prelude';
import type { ParseError } from '@parley/prelude';
import { isIdent } from './characters.ts';
import { ownText } from './own-text.ts';
import { isUtf8Text } from './utf8-text.ts';

/** First line of a request or a response; `method` is empty in a response, `code` 0 in a request. */
export interface StartLine {
  readonly transactionId: string;
  readonly method: string;
  readonly code: number;
  readonly comment: string;
}

const section = 'RFC 4975 §9';
const wellKnown = ['SEND', 'REPORT', 'AUTH', 'NICKNAME'];
const upper = /^[A-Z]+$/;
const statusPart = /^(\d{3})(?: (.*))?$/s;

const startLine = (transactionId: string, method: string, code: number, comment: string): StartLine => ({
  transactionId,
  method,
  code,
  comment,
});

/**
 * Reads a `req-start` or `resp-start` of one character per octet.
 *
 * @param end - offset of its CRLF
 * @param identLength - characters accepted in a transaction identifier
 * @spec RFC 4975 §9
 */
export function readStartLine(text: string, start: number, end: number, identLength: number): StartLine | ParseError {
  if (!text.startsWith('MSRP ', start)) return parseError('pMSRP', 0, section, 'expected "MSRP "');
  const space = text.indexOf(' ', start + 5);
  const transactionId =
    space === -1 || space > end ? '' : ownText(text, start + 5, Math.min(space, start + 6 + identLength));
  if (!isIdent(transactionId, identLength)) {
    return parseError('transact-id', 5, section, `expected an ident of 4 to ${identLength} characters`);
  }
  const rest = text.slice(space + 1, end);
  for (const method of wellKnown) if (rest === method) return startLine(transactionId, method, 0, '');
  if (upper.test(rest)) return startLine(transactionId, rest, 0, '');
  const [, code = '', comment = ''] = statusPart.exec(rest) ?? [];
  if (code === '') return parseError('method', space + 1 - start, section, 'expected a method or a status-code');
  if (!isUtf8Text(comment)) return parseError('comment', space + 5 - start, section, 'expected UTF-8 without controls');
  return startLine(transactionId, '', Number(code), comment);
}
