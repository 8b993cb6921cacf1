import { quote } from './quoted.ts';
import { code, octetClass } from './characters.ts';
import type { Scanner } from './scanner.ts';

/** auth-params in their order: names in lower case, values as they are written. */
export type AuthParams = Map<string, string>;

/** auth-param *(COMMA auth-param); a name that comes twice is a failure. @spec RFC 3261 §25.1 */
export function scanAuthParams(s: Scanner): AuthParams {
  const params: AuthParams = new Map();
  do {
    const name = s.run(octetClass.token, 'auth-param-name').toLowerCase();
    s.expectSeparator(code.equals, 'auth-param');
    if (params.has(name)) s.fail('auth-param', 'expected each parameter once', 'RFC 3261 §7.3.1');
    params.set(name, s.peek() === 0x22 ? s.quotedString('auth-param') : s.token('auth-param'));
  } while (s.separator(code.comma));
  return params;
}

/** Writes parameters that have a value, those of `quoted` as quoted-strings. */
export function serialiseAuthParams(
  quoted: Readonly<Record<string, string | undefined>>,
  bare: Readonly<Record<string, string | undefined>>,
  others: ReadonlyMap<string, string>,
): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(quoted)) if (value !== undefined) parts.push(`${name}=${quote(value)}`);
  for (const [name, value] of Object.entries(bare)) if (value !== undefined) parts.push(`${name}=${value}`);
  for (const [name, value] of others) parts.push(`${name}=${value}`);
  return parts.join(', ');
}
