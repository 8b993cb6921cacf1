import { code, octetClass, skipWhile } from './characters.ts';
import { unquote } from './quoted.ts';
import type { Scanner } from './scanner.ts';

/**
 * Parameters in their order: names in lower case, values as head text the way they are written (a quoted-string with
 * its quotes), undefined for a parameter without a value.
 */
export type Parameters = ReadonlyMap<string, string | undefined>;

/** No parameters; shared. */
export const noParameters: Parameters = new Map<string, string | undefined>();

/** Unicode of a parameter's value without quotes; undefined when it is absent or has none. */
export function parameterText(parameters: Parameters, name: string): string | undefined {
  const value = parameters.get(name);
  return value === undefined ? undefined : unquote(value);
}

/** gen-value: token, host or quoted-string. */
export function scanValue(s: Scanner): string {
  return s.peek() === code.quote ? s.quotedString('gen-value') : s.run(octetClass.value, 'gen-value');
}

/** EQUAL gen-value, or nothing. */
export function scanOptionalValue(s: Scanner): string | undefined {
  return s.separator(code.equals) ? scanValue(s) : undefined;
}

/** Name of the next parameter in lower case, undefined when none follows; {@link scanOptionalValue} comes next. */
export function nextParameter(s: Scanner): string | undefined {
  return s.separator(code.semicolon) ? s.token('generic-param').toLowerCase() : undefined;
}

/** The failure of a name that comes twice. @spec RFC 3261 §7.3.1 */
export function failTwice(s: Scanner): void {
  s.fail('generic-param', 'expected each parameter once', 'RFC 3261 §7.3.1');
}

/** Adds a parameter to those met before; starts a map with the first. */
export function addParameter(
  s: Scanner,
  parameters: Map<string, string | undefined> | undefined,
  name: string,
): Map<string, string | undefined> {
  const all = parameters ?? new Map<string, string | undefined>();
  if (all.has(name)) failTwice(s);
  return all.set(name, scanOptionalValue(s));
}

/** *( SEMI generic-param ) */
export function scanParameters(s: Scanner): Map<string, string | undefined> {
  const parameters = new Map<string, string | undefined>();
  for (let name = nextParameter(s); name !== undefined; name = nextParameter(s)) addParameter(s, parameters, name);
  return parameters;
}

/** Whether another parameter follows. */
export function atParameter(s: Scanner): boolean {
  return s.text.charCodeAt(skipWhile(s.text, s.at, octetClass.blank)) === code.semicolon;
}

/** The inverse of {@link scanParameters}. */
export function serialiseParameters(parameters: Parameters): string {
  let text = '';
  if (parameters.size === 0) return text;
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
