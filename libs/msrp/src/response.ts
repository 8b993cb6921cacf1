import type { HeaderField } from './header-field.ts';
import { noHeaderFields } from './header-field.ts';
import type { Path } from './path.ts';
import { firstHop } from './path.ts';
import type { Answerable } from './request-head.ts';
import { phraseOf } from './response-code.ts';
import { lineOfText } from './utf8-text.ts';

/** A response; it never has a body. */
export interface MsrpResponse {
  readonly transactionId: string;
  readonly code: number;
  /** Human text, one character per octet; empty when absent. Read it with `textOfOctets`. */
  readonly comment: string;
  readonly toPath: Path;
  readonly fromPath: Path;
  /** Everything behind the paths, e.g. Use-Path, Expires, WWW-Authenticate, in its order. */
  readonly fields: readonly HeaderField[];
}

/**
 * The response that goes back on the connection on which `request` came; ask {@link isAnswered} first.
 *
 * @param comment - text for people, by default the code's own phrase
 * @spec RFC 4975 §7.2: to the previous hop for SEND, along the whole From-Path otherwise
 */
export function responseTo(request: Answerable, code: number, comment?: string): MsrpResponse {
  return {
    transactionId: request.transactionId,
    code,
    comment: comment === undefined ? phraseOf(code) : lineOfText(comment),
    toPath: request.method === 'SEND' ? firstHop(request.fromPath) : request.fromPath,
    fromPath: firstHop(request.toPath),
    fields: noHeaderFields,
  };
}

/**
 * Whether a response with `code` may go to `request` at all.
 *
 * @spec RFC 4975 §7.1.2 (never to REPORT), §7.1.4 (Failure-Report `no`: never; `partial`: only failures)
 */
export function isAnswered(request: Pick<Answerable, 'method' | 'failureReport'>, code: number): boolean {
  if (request.method === 'REPORT' || request.failureReport === 'no') return false;
  return request.failureReport !== 'partial' || code !== 200;
}
