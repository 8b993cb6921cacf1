import { isIn, octetClass } from './characters.ts';
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
  return s.peek() === 0x22 ? s.quotedString('gen-value') : s.run(octetClass.value, 'gen-value');
}

/** *( SEMI generic-param ); a name that comes twice is a failure. @spec RFC 3261 §7.3.1 */
export function scanParameters(s: Scanner): Map<string, string | undefined> {
  const parameters = new Map<string, string | undefined>();
  while (s.separator(';')) {
    const name = s.token('generic-param').toLowerCase();
    if (parameters.has(name)) s.fail('generic-param', 'expected each parameter once', 'RFC 3261 §7.3.1');
    parameters.set(name, s.separator('=') ? scanValue(s) : undefined);
  }
  return parameters;
}

/** Whether another parameter follows. */
export function atParameter(s: Scanner): boolean {
  let at = s.at;
  while (isIn(s.text.charCodeAt(at), octetClass.blank)) at++;
  return s.text.charCodeAt(at) === 0x3b;
}

/** The inverse of {@link scanParameters}. */
export function serialiseParameters(parameters: Parameters): string {
  let text = '';
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}
