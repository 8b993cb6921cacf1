import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { contextAllows } from './context.ts';
import { derivedProperty } from './derived-property.ts';

/** The two string classes of PRECIS. @spec RFC 8264 §4 */
export type StringClass = 'IdentifierClass' | 'FreeformClass';

const sections = { IdentifierClass: 'RFC 8264 §4.2', FreeformClass: 'RFC 8264 §4.3' } as const;

function allowed(stringClass: StringClass, characters: readonly string[], at: number): boolean {
  const property = derivedProperty(characters[at] ?? '');
  if (property === 'PVALID') return true;
  if (property === 'FREE_PVAL') return stringClass === 'FreeformClass';
  return (property === 'CONTEXTJ' || property === 'CONTEXTO') && contextAllows(characters, at);
}

/** ASCII7, for which there is nothing to look up. */
const visibleAscii = /^[!-~]*$/;

/**
 * The text, if it consists of code points of the class, each in a context that allows it. Of a text of `n` code points
 * at most `n²` are looked at, so callers bound its length.
 *
 * @spec RFC 8264 §4.2, §4.3
 */
export function checkClass(text: string, stringClass: StringClass): Result<string, ParseError> {
  if (visibleAscii.test(text)) return ok(text);
  const characters = Array.from(text);
  const offender = characters.findIndex((_, at) => !allowed(stringClass, characters, at));
  if (offender === -1) return ok(text);
  const code = (characters[offender]?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const offset = characters.slice(0, offender).join('').length;
  return err(parseError(stringClass, offset, sections[stringClass], `U+${code} is not allowed here`));
}
