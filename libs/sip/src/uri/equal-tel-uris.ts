import { normaliseEscapes } from './escapes.ts';
import type { TelUri } from './uri.ts';

const visualSeparators = /[().-]/g;

/**
 * Whether two tel URIs name the same number: both global or both local, digits alike without visual separators,
 * parameters alike in any order, phone-contexts that are numbers compared as numbers.
 *
 * @spec RFC 3966 §4
 */
export function equalTelUris(a: TelUri, b: TelUri): boolean {
  if (canonicalNumber(a.number) !== canonicalNumber(b.number)) return false;
  if (a.parameters.size !== b.parameters.size) return false;
  for (const [name, value] of a.parameters) {
    if (!b.parameters.has(name) || !equalValues(value, b.parameters.get(name))) return false;
  }
  return true;
}

/** Digits of a number without what only helps the eye. @spec RFC 3966 §5.1.1 */
export function canonicalNumber(number: string): string {
  return number.replace(visualSeparators, '').toLowerCase();
}

function equalValues(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const canonical = (value: string): string =>
    value.startsWith('+') ? canonicalNumber(value) : normaliseEscapes(value).toLowerCase();
  return canonical(a) === canonical(b);
}
