import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { skipCfws, tokenAt } from './grammar.ts';
import type { Parameter } from './parameters.ts';
import { parseParameters, serialiseParameters } from './parameters.ts';

/** How a part is meant to be presented or handled: `render`, `session`, `recipient-list`, `notification`, … */
export interface ContentDisposition {
  /** Disposition type in lower case. */
  readonly type: string;
  readonly parameters: readonly Parameter[];
}

/** Parses the value of a Content-Disposition field. @spec RFC 2183 §2, RFC 3261 §20.11 */
export function parseContentDisposition(text: string): Result<ContentDisposition, ParseError> {
  const start = skipCfws(text, 0);
  const type = tokenAt(text, start);
  if (type === '') return err(parseError('disposition-type', start, 'RFC 2183 §2', 'expected a disposition type'));
  const parameters = parseParameters(text, start + type.length);
  return parameters.ok ? ok({ type: type.toLowerCase(), parameters: parameters.value }) : parameters;
}

/** The text of a Content-Disposition field. @spec RFC 2183 §2 */
export function serialiseContentDisposition(disposition: ContentDisposition): string {
  return disposition.type + serialiseParameters(disposition.parameters);
}
