import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';

/** UTF-16 code units of a name as it comes in; a key in a store and a line on a screen hold no more. */
export const maxNameLength = 1024;

/** The text, if it is short enough to be worth looking at. */
export function checkLength(text: string): Result<string, ParseError> {
  if (text.length <= maxNameLength) return ok(text);
  return err(parseError('length', maxNameLength, 'RFC 8264 §4', `longer than ${maxNameLength} code units`));
}
