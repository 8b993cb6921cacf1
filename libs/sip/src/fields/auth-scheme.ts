import { unquote } from '../grammar/quoted.ts';
import type { AuthParams } from '../grammar/auth-params.ts';
import type { Scanner } from '../grammar/scanner.ts';
import { trimBlanks } from '../grammar/split-list.ts';

/** Parameters of a scheme that have no member of their own, values as they are written. */
export type OtherParams = ReadonlyMap<string, string>;

/** A scheme that this library does not interpret, e.g. Bearer. @spec RFC 8898 §2 */
export interface OtherScheme {
  readonly kind: 'other';
  readonly scheme: string;
  /** What follows the scheme. */
  readonly text: string;
}

/** The scheme, then what `digest` reads of its parameters; a scheme that is not Digest stays text. */
export function scanScheme<T>(s: Scanner, digest: (s: Scanner) => T): T | OtherScheme {
  const scheme = s.token('auth-scheme');
  s.expectBlanks('auth-scheme');
  if (scheme.toLowerCase() === 'digest') return digest(s);
  const text = trimBlanks(s.text, s.at, s.end);
  s.at = s.end;
  return { kind: 'other', scheme, text };
}

/** Takes a parameter out; its Unicode, quotes and escapes taken off. */
export function take(params: AuthParams, name: string): string | undefined {
  const value = params.get(name);
  params.delete(name);
  return value === undefined ? undefined : unquote(value);
}

/** Keeps the members that have a value. */
export function present<K extends string>(
  members: Readonly<Record<K, string | undefined>>,
): Partial<Record<K, string>> {
  const kept: Partial<Record<K, string>> = {};
  for (const name in members) {
    const value = members[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** The value of a parameter that must be there. */
export function must(s: Scanner, value: string | undefined, name: string): string {
  if (value === undefined) s.fail(name, `expected ${name}`, 'RFC 7616 §3.4');
  return value ?? '';
}

const hex = /^[0-9A-Fa-f]*$/;
const nonceCount = /^[0-9A-Fa-f]{8}$/;

/** Fails where a digest or a nonce count is not hexadecimal. */
export function checkHex(s: Scanner, digest: string | undefined, nc: string | undefined): void {
  if (digest !== undefined && !hex.test(digest)) s.fail('request-digest', 'expected hexadecimal digits');
  if (nc !== undefined && !nonceCount.test(nc)) s.fail('nc-value', 'expected eight hexadecimal digits');
}
