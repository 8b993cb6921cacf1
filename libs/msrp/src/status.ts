import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { isUtf8Text } from './utf8-text.ts';

/** What a REPORT says about a message. */
export interface Status {
  /** Three digits; `000` means that `code` is an MSRP response code. */
  readonly namespace: string;
  readonly code: number;
  /** Human text, one character per octet; empty when absent. Read it with `textOfOctets`. */
  readonly comment: string;
}

const pattern = /^(\d{3}) (\d{3})(?: (.*))?$/s;

/** Reads the value of Status. @spec RFC 4975 §9: `namespace SP status-code [SP comment]` */
export function parseStatus(text: string): Result<Status, ParseError> {
  const match = pattern.exec(text);
  if (match === null) return err(parseError('Status', 0, 'RFC 4975 §9', 'expected namespace, code and comment'));
  const [, namespace = '', code = '', comment = ''] = match;
  if (!isUtf8Text(comment)) return err(parseError('comment', 8, 'RFC 4975 §9', 'expected UTF-8 without controls'));
  return ok({ namespace, code: Number(code), comment });
}

/** Value of Status. */
export function serialiseStatus(status: Status): string {
  const code = `${status.namespace} ${threeDigits(status.code)}`;
  return status.comment === '' ? code : `${code} ${status.comment}`;
}

/** A status code as the wire has it. */
export function threeDigits(code: number): string {
  return String(code).padStart(3, '0');
}
