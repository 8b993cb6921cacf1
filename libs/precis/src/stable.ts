import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';

const additionalTimes = 3;

/**
 * Applies the rules until they change nothing any more, three times more than once at the most.
 *
 * @spec RFC 8266 §2.1
 */
export function untilStable(text: string, rules: (text: string) => string): Result<string, ParseError> {
  let current = rules(text);
  for (let times = 0; times < additionalTimes; times++) {
    const next = rules(current);
    if (next === current) return ok(current);
    current = next;
  }
  if (rules(current) === current) return ok(current);
  return err(parseError('Nickname', 0, 'RFC 8266 §2.1', 'the rules do not come to a stable result'));
}
