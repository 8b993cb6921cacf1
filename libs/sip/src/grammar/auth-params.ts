import { quote } from './quoted.ts';
import { code, octetClass } from './characters.ts';
import type { Scanner } from './scanner.ts';

/** auth-params in their order: names in lower case, values as they are written. */
export type AuthParams = Map<string, string>;

/** auth-param *(COMMA auth-param); a name that comes twice is a failure. @spec RFC 3261 §25.1 */
export function scanAuthParams(s: Scanner): AuthParams {
  const params: AuthParams = new Map();
  do {
    addAuthParam(s, params, scanAuthName(s));
  } while (s.separator(code.comma));
  return params;
}

/** Name of an auth-param in lower case, and the EQUAL after it; {@link scanAuthValue} comes next. */
export function scanAuthName(s: Scanner): string {
  const name = s.run(octetClass.token, 'auth-param-name').toLowerCase();
  s.expectSeparator(code.equals, 'auth-param');
  return name;
}

/** Value of an auth-param as it is written. */
export function scanAuthValue(s: Scanner): string {
  return s.peek() === code.quote ? s.quotedString('auth-param') : s.token('auth-param');
}

/** Value of an auth-param as Unicode, quotes and escapes taken off. */
export function scanAuthText(s: Scanner): string {
  return s.peek() === code.quote ? s.quotedText('auth-param') : s.token('auth-param');
}

/** Adds a parameter to those met before. */
export function addAuthParam(s: Scanner, params: AuthParams, name: string): void {
  if (params.has(name)) failTwice(s);
  params.set(name, scanAuthValue(s));
}

/** The failure of a name that comes twice. @spec RFC 3261 §7.3.1 */
export function failTwice(s: Scanner): void {
  s.fail('auth-param', 'expected each parameter once', 'RFC 3261 §7.3.1');
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
