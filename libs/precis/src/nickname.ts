import type { Brand, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { mapCase } from './case-mapping.ts';
import { checkLength } from './length-limit.ts';
import { untilStable } from './stable.ts';
import { checkClass } from './string-class.ts';

/** A nickname as it is shown: enforced by the Nickname profile. */
export type Nickname = Brand<string, 'Nickname'>;

/** What two nicknames that are the same have in common; to be compared and stored, not to be shown. */
export type NicknameKey = Brand<string, 'NicknameKey'>;

/** Any space to SPACE, none at the ends, one in the middle. @spec RFC 8266 §2.1 (Additional Mapping Rule) */
function mapSpaces(text: string): string {
  return text
    .split(/\p{Zs}+/u)
    .filter((word) => word !== '')
    .join(' ');
}

function notEmpty(text: string): Result<string, ParseError> {
  return text === '' ? err(parseError('Nickname', 0, 'RFC 8266 §2.3', 'nothing is left of the nickname')) : ok(text);
}

/** Checks that a text may become a nickname, and changes nothing. @spec RFC 8266 §2.2 */
export function prepareNickname(text: string): Result<string, ParseError> {
  const short = checkLength(text);
  return short.ok ? checkClass(text, 'FreeformClass') : short;
}

function apply(text: string, rules: (text: string) => string): Result<string, ParseError> {
  const prepared = prepareNickname(text);
  if (!prepared.ok) return prepared;
  const stable = untilStable(text, rules);
  return stable.ok ? notEmpty(stable.value) : stable;
}

/** The nickname that is meant by a text, as others see it: letter case stays. @spec RFC 8266 §2.3 */
export function enforceNickname(text: string): Result<Nickname, ParseError> {
  const enforced = apply(text, (current) => mapSpaces(current).normalize('NFKC'));
  // The brand is earned by preparation and the rules.
  return enforced.ok ? ok(enforced.value as Nickname) : enforced;
}

/**
 * The key under which a nickname is reserved.
 *
 * @note Take it from the text that the user sent: enforcement turns some letters that may stand in an input (the
 * compatibility jamo of Hangul) into ones that may not, so an enforced nickname cannot always be prepared again.
 * @spec RFC 8266 §2.4
 */
export function nicknameKey(text: string): Result<NicknameKey, ParseError> {
  const key = apply(text, (current) => mapCase(mapSpaces(current)).normalize('NFKC'));
  // The brand is earned by preparation and the rules.
  return key.ok ? ok(key.value as NicknameKey) : key;
}

/** Whether two texts mean the same nickname; false when one means none. @spec RFC 8266 §2.4 */
export function sameNickname(a: string, b: string): boolean {
  const [keyA, keyB] = [nicknameKey(a), nicknameKey(b)];
  return keyA.ok && keyB.ok && keyA.value === keyB.value;
}
