import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { isToken, quote, quotedStringAt, skipCfws, tokenAt } from './grammar.ts';
import { defaultMimeLimits } from './limits.ts';

/** `attribute=value` of a field; the name in lower case, since it is compared so, the value without its quotes. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

const section = 'RFC 2045 §5.1';

/**
 * An unquoted value.
 *
 * @deviation `/`, `:`, `=`, `?`, `@`, `[` and `]` pass without quotes: the grammar wants a token, and RFC 3862 §5.2
 * itself writes `protocol=application/pkcs7-signature`.
 */
const looseValue = /[^ \t\r\n;,"()<>\\]+/y;

interface Scanned {
  readonly parameter: Parameter;
  readonly end: number;
}

function valueAt(text: string, at: number): { readonly value: string; readonly end: number } {
  if (text[at] === '"') return quotedStringAt(text, at);
  looseValue.lastIndex = at;
  const value = looseValue.exec(text)?.[0];
  return value === undefined ? { value: '', end: -1 } : { value, end: at + value.length };
}

function parameterAt(text: string, at: number): Result<Scanned, ParseError> {
  const name = tokenAt(text, at);
  if (name === '') return err(parseError('attribute', at, section, 'expected the name of a parameter'));
  const equals = skipCfws(text, at + name.length);
  if (text[equals] !== '=') return err(parseError('parameter', equals, section, 'expected "=" after an attribute'));
  const start = skipCfws(text, equals + 1);
  const { value, end } = valueAt(text, start);
  if (end === -1) return err(parseError('value', start, section, 'expected a token or a quoted-string'));
  return ok({ parameter: { name: name.toLowerCase(), value }, end });
}

/**
 * The `*(";" parameter)` from `at` to the end of the text; a `;` too many is passed over.
 *
 * @param maxParameters - a field with more is refused, as is one that names a parameter twice
 * @spec RFC 2045 §5.1
 */
export function parseParameters(
  text: string,
  at: number,
  maxParameters: number = defaultMimeLimits.maxParameters,
): Result<readonly Parameter[], ParseError> {
  const found: Parameter[] = [];
  let next = skipCfws(text, at);
  while (next < text.length) {
    if (text[next] !== ';') return err(parseError('parameter', next, section, 'expected ";" before a parameter'));
    next = skipCfws(text, next + 1);
    if (next === text.length || text[next] === ';') continue;
    const scanned = parameterAt(text, next);
    if (!scanned.ok) return scanned;
    const { parameter, end } = scanned.value;
    if (found.length === maxParameters) return err(parseError('parameter', next, section, 'too many parameters'));
    if (found.some(({ name }) => name === parameter.name)) {
      return err(parseError('attribute', next, section, 'the same parameter twice'));
    }
    found.push(parameter);
    next = skipCfws(text, end);
  }
  return ok(found);
}

/** `;name=value` for each, quoted where a token will not do. @spec RFC 2045 §5.1 */
export function serialiseParameters(parameters: readonly Parameter[]): string {
  return parameters.map(({ name, value }) => `;${name}=${isToken(value) ? value : quote(value)}`).join('');
}

/** The value of the parameter `name` (in lower case), or undefined when the field has none of that name. */
export function parameterOf(field: { readonly parameters: readonly Parameter[] }, name: string): string | undefined {
  return field.parameters.find((parameter) => parameter.name === name)?.value;
}
