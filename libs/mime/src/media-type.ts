import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { skipCfws, tokenAt } from './grammar.ts';
import type { Parameter } from './parameters.ts';
import { parameterOf, parseParameters, serialiseParameters } from './parameters.ts';

/** The value of Content-Type; type and subtype in lower case, since they are compared so. */
export interface MediaType {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly Parameter[];
}

const section = 'RFC 2045 §5.1';

/** The media type without parameters, which most fields are. */
const bare = /^([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+)\/([!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+)$/;

/** Parses the value of a Content-Type field, comments and white space included. @spec RFC 2045 §5.1 */
export function parseMediaType(text: string): Result<MediaType, ParseError> {
  const plain = bare.exec(text);
  if (plain?.[1] !== undefined && plain[2] !== undefined) {
    return ok({ type: plain[1].toLowerCase(), subtype: plain[2].toLowerCase(), parameters: [] });
  }
  const start = skipCfws(text, 0);
  const type = tokenAt(text, start);
  if (type === '') return err(parseError('type', start, section, 'expected a media type'));
  const slash = skipCfws(text, start + type.length);
  if (text[slash] !== '/') return err(parseError('content', slash, section, 'expected "/" after the type'));
  const subtypeAt = skipCfws(text, slash + 1);
  const subtype = tokenAt(text, subtypeAt);
  if (subtype === '') return err(parseError('subtype', subtypeAt, section, 'expected a subtype'));
  const parameters = parseParameters(text, subtypeAt + subtype.length);
  if (!parameters.ok) return parameters;
  return ok({ type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters: parameters.value });
}

/** The text of a Content-Type field, without folding. @spec RFC 2045 §5.1 */
export function serialiseMediaType(mediaType: MediaType): string {
  return `${mediaType.type}/${mediaType.subtype}${serialiseParameters(mediaType.parameters)}`;
}

/** `type/subtype` in lower case, the form in which code compares and switches. */
export function mediaEssence(mediaType: MediaType): string {
  return `${mediaType.type}/${mediaType.subtype}`;
}

/** Parameters whose values are names of registered things, compared without regard to case. */
const caseless = new Set(['charset', 'micalg', 'access-type']);

function sameParameter(name: string, a: string, b: string): boolean {
  return a === b || (caseless.has(name) && a.toLowerCase() === b.toLowerCase());
}

/** Whether both name the same type with the same parameters in any order. @spec RFC 2045 §5.1 */
export function sameMediaType(a: MediaType, b: MediaType): boolean {
  if (a.type !== b.type || a.subtype !== b.subtype || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every(({ name, value }) => {
    const other = parameterOf(b, name);
    return other !== undefined && sameParameter(name, value, other);
  });
}

/** What a body without Content-Type is. @spec RFC 2045 §5.2 */
export const defaultMediaType: MediaType = {
  type: 'text',
  subtype: 'plain',
  parameters: [{ name: 'charset', value: 'us-ascii' }],
};
