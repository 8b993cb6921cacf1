import type { Brand, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { satisfiesBidiRule } from './bidi.ts';
import { mapCase } from './case-mapping.ts';
import { checkLength } from './length-limit.ts';
import { checkClass } from './string-class.ts';

/** A userpart enforced by the UsernameCaseMapped profile: equal users have equal names. */
export type Username = Brand<string, 'Username'>;

/**
 * Fullwidth and halfwidth code points to their decomposition mappings. NFKC gives the same for all of them that the
 * IdentifierClass can admit; the others are refused in both forms.
 */
function mapWidth(text: string): string {
  return text.replace(/[\u3000\uff01-\uffee]/g, (character) => character.normalize('NFKC'));
}

/** The text with its widths mapped, if it may become a username. @spec RFC 8265 §3.3.2 */
export function prepareUsername(text: string): Result<string, ParseError> {
  const short = checkLength(text);
  return short.ok ? checkClass(mapWidth(text), 'IdentifierClass') : short;
}

/** The username that is meant by a text. @spec RFC 8265 §3.3.3 (UsernameCaseMapped), RFC 8264 §7 (the order of the rules) */
export function enforceUsername(text: string): Result<Username, ParseError> {
  const prepared = prepareUsername(text);
  if (!prepared.ok) return prepared;
  // Normalisation makes some of what the class has into what it has not: U+003C and U+0338 into U+226E.
  const normalised = checkClass(mapCase(prepared.value).normalize('NFC'), 'IdentifierClass');
  if (!normalised.ok) return normalised;
  const username = normalised.value;
  if (username === '') return err(parseError('UsernameCaseMapped', 0, 'RFC 8265 §3.3.3', 'an empty username'));
  if (!satisfiesBidiRule(username)) {
    return err(parseError('UsernameCaseMapped', 0, 'RFC 5893 §2', 'right-to-left text that breaks the Bidi Rule'));
  }
  // The brand is earned by preparation and the rules.
  return ok(username as Username);
}

/** Whether two texts mean the same user; false when one means none. @spec RFC 8265 §3.3.4 */
export function sameUsername(a: string, b: string): boolean {
  const [nameA, nameB] = [enforceUsername(a), enforceUsername(b)];
  return nameA.ok && nameB.ok && nameA.value === nameB.value;
}
