import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';
import { fieldValue } from './header-field.ts';
import type { HeaderField } from './header-field.ts';

/** Fields of digest authentication. */
export type DigestFieldName = 'WWW-Authenticate' | 'Authorization' | 'Authentication-Info';

/** One parameter of a digest field. */
export interface DigestParameter {
  /** In lower case. */
  readonly name: string;
  /** Without quotes and escapes; one character per octet. */
  readonly value: string;
  /** Whether it stands in quotes, which the grammar fixes per parameter. */
  readonly quoted: boolean;
}

const pair =
  /[ \t]*([A-Za-z0-9!#$%&'*+.^_`{|}~-]+)=(?:"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\.)*)"|([A-Za-z0-9!#$%&'*+.^_`{|}~-]+))[ \t]*(,|$)/y;

/**
 * Parameters of the digest field called `name`; undefined when it is absent.
 *
 * @spec RFC 4976 §7
 * @deviation white space around a comma is free: the RFC's own examples have commas without the space of its grammar
 */
export function digestParametersOf(
  fields: readonly HeaderField[],
  name: DigestFieldName,
): Result<readonly DigestParameter[] | undefined, ParseError> {
  const value = fieldValue(fields, name);
  if (value === undefined) return ok(undefined);
  const scheme = /^Digest[ \t]/i.exec(value)?.[0] ?? '';
  if (scheme === '' && name !== 'Authentication-Info') {
    return err(parseError(name, 0, 'RFC 4976 §7', 'expected the Digest scheme'));
  }
  return readParameters(value, scheme.length, name);
}

function readParameters(text: string, start: number, rule: string): Result<readonly DigestParameter[], ParseError> {
  const parameters: DigestParameter[] = [];
  pair.lastIndex = start;
  for (let at = start; ; at = pair.lastIndex) {
    const match = pair.exec(text);
    if (match === null) return err(parseError(rule, at, 'RFC 4976 §7', 'expected name=value'));
    const [, name = '', inner, bare = '', separator] = match;
    const value = inner === undefined ? bare : inner.replaceAll(/\\(.)/g, '$1');
    parameters.push({ name: name.toLowerCase(), value, quoted: inner !== undefined });
    if (separator === '') return ok(parameters);
  }
}

/** The field called `name` with these parameters. @spec RFC 4976 §7 */
export function digestField(name: DigestFieldName, parameters: readonly DigestParameter[]): HeaderField {
  const list = parameters.map(({ name: key, value, quoted }) =>
    quoted ? `${key}="${value.replaceAll(/["\\]/g, '\\$&')}"` : `${key}=${value}`,
  );
  return { name, value: (name === 'Authentication-Info' ? '' : 'Digest ') + list.join(', ') };
}
