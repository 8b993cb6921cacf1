import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { isDigits } from './characters.ts';
import { fieldValue } from './header-field.ts';
import type { HeaderField } from './header-field.ts';
import { defaultLimits } from './limits.ts';
import type { Path } from './path.ts';
import { parsePath } from './path.ts';

/** Seconds in Expires, Min-Expires or Max-Expires. */
export type ExpiresName = 'Expires' | 'Min-Expires' | 'Max-Expires';

/** The Use-Path of a 200 to AUTH; undefined when absent. @spec RFC 4976 §4.2 */
export function usePathOf(
  fields: readonly HeaderField[],
  maxUris: number = defaultLimits.pathUris,
): Result<Path | undefined, ParseError> {
  const value = fieldValue(fields, 'Use-Path');
  return value === undefined ? ok(undefined) : parsePath(value, maxUris);
}

/** Seconds that the field called `name` gives; undefined when absent. @spec RFC 4976 §4.6, §7 */
export function expiresOf(
  fields: readonly HeaderField[],
  name: ExpiresName = 'Expires',
): Result<number | undefined, ParseError> {
  const value = fieldValue(fields, name);
  if (value === undefined) return ok(undefined);
  if (isDigits(value) && value.length <= 10) return ok(Number(value));
  return err(parseError(name, 0, 'RFC 4976 §7', 'expected seconds of at most ten digits'));
}
