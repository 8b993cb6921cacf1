import { code, octetClass, skipWhile } from '../grammar/characters.ts';
import type { Parameters } from '../grammar/parameters.ts';
import { noParameters, scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { list, single } from './define.ts';
import { serialiseQ, takeQ } from './take.ts';

/** Media type of a body. */
export interface ContentType {
  /** `type/subtype` in lower case. */
  readonly mediaType: string;
  readonly parameters: Parameters;
}

/** Something a peer takes, and how gladly. */
export interface Preference {
  /** Media range, coding or language range in lower case; `*` matches any. */
  readonly range: string;
  /** 0 to 1; absent means 1. */
  readonly q?: number | undefined;
  readonly parameters: Parameters;
}

/** How a body is meant. @spec RFC 3261 §20.11 */
export interface ContentDisposition {
  /** In lower case. */
  readonly type: string;
  readonly parameters: Parameters;
}

function scanMediaType(s: Scanner): string {
  const type = s.token('m-type');
  s.expectSeparator(code.slash, 'media-type');
  return `${type}/${s.token('m-subtype')}`.toLowerCase();
}

/** A type without parameters. */
function plainContentType(text: string, start: number, end: number): ContentType | undefined {
  const begin = skipWhile(text, start, octetClass.blank);
  const slash = skipWhile(text, begin, octetClass.token);
  if (slash === begin || slash + 1 >= end || text.charCodeAt(slash) !== code.slash) return undefined;
  if (skipWhile(text, slash + 1, octetClass.token) !== end) return undefined;
  return { mediaType: text.slice(begin, end).toLowerCase(), parameters: noParameters };
}

const aToken = (s: Scanner): string => s.token().toLowerCase();

function preference(range: (s: Scanner) => string): (s: Scanner) => Preference {
  return (s) => {
    const value = range(s);
    const parameters = scanParameters(s);
    const q = takeQ(s, parameters);
    return { range: value, ...(q === undefined ? {} : { q }), parameters };
  };
}

function serialisePreference(value: Preference): string {
  return value.range + serialiseParameters(value.parameters) + serialiseQ(value.q);
}

/** Media type of the body. @spec RFC 3261 §20.15 */
export const contentType: HeaderDefinition<ContentType> = single(
  { name: 'Content-Type', compact: 'c' },
  (s) => ({ mediaType: scanMediaType(s), parameters: scanParameters(s) }),
  (value) => value.mediaType + serialiseParameters(value.parameters),
  plainContentType,
);

/** Media types that the sender takes; absent means application/sdp. @spec RFC 3261 §20.1 */
export const accept: HeaderDefinition<Preference> = list(
  { name: 'Accept', mayBeEmpty: true },
  preference(scanMediaType),
  serialisePreference,
);

/** Codings that the sender takes. @spec RFC 3261 §20.2 */
export const acceptEncoding: HeaderDefinition<Preference> = list(
  { name: 'Accept-Encoding', mayBeEmpty: true },
  preference(aToken),
  serialisePreference,
);

/** Languages that the sender reads. @spec RFC 3261 §20.3 */
export const acceptLanguage: HeaderDefinition<Preference> = list(
  { name: 'Accept-Language', mayBeEmpty: true },
  preference(aToken),
  serialisePreference,
);

/** What the body is for: render, session, notification, recipient-list … @spec RFC 3261 §20.11 */
export const contentDisposition: HeaderDefinition<ContentDisposition> = single(
  'Content-Disposition',
  (s) => ({ type: aToken(s), parameters: scanParameters(s) }),
  (value) => value.type + serialiseParameters(value.parameters),
);
