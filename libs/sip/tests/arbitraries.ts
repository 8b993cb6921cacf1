import fc from 'fast-check';
import type { NameAddr, SipUri, Uri } from '../src/index.ts';
import { encodeText, escapeUriHeader, escapeUriParameter, escapeUser, quote } from '../src/index.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const tokenCharacters = `${letters}${letters.toUpperCase()}0123456789-.!%*_+\`'~`;

const stringOf = (characters: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength });

export const token = stringOf(tokenCharacters, 1, 12);
export const lowerToken = token.map((text) => text.toLowerCase());
export const digits = fc.nat(2 ** 31 - 1);
/** Unicode that a header field can carry: no line breaks, no blanks at the ends, no lone surrogates. */
export const text = fc
  .string({ unit: 'grapheme', maxLength: 16 })
  .map((value) => value.replace(/[\0-\x1f\x7f]/g, '').replace(/^[ ]+|[ ]+$/g, ''))
  .filter((value) => value.isWellFormed());
export const hex = stringOf('0123456789abcdef', 32, 32);

const label = fc
  .tuple(stringOf(letters, 1, 1), stringOf(`${letters}0123456789-_`, 0, 6), stringOf(`${letters}0123456789`, 1, 1))
  .map((parts) => parts.join(''));
export const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
export const ip = fc.oneof(fc.ipV4(), fc.ipV6());
export const port = fc.nat(65_535);

/** Leaves out members that are undefined, as parsers do. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

export const parameters = (except: readonly string[] = []): fc.Arbitrary<Map<string, string | undefined>> =>
  fc
    .array(fc.tuple(lowerToken, fc.option(fc.oneof(token, text.map(quote)), { nil: undefined })), { maxLength: 3 })
    .map((pairs) => new Map(pairs.filter(([name]) => !except.includes(name))));

const uriParameters = fc
  .array(
    fc.tuple(
      stringOf(`${letters}0123456789-_.!~*'`, 1, 8),
      fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).map(escapeUriParameter), {
        nil: undefined,
      }),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => new Map(pairs));
const uriHeaders = fc.array(
  fc.tuple(stringOf(letters, 1, 8), fc.string({ unit: 'grapheme', maxLength: 6 }).map(escapeUriHeader)),
  { maxLength: 2 },
);
const wellFormed = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });

export const sipUri: fc.Arbitrary<SipUri> = fc
  .record({
    kind: fc.constant('sip' as const),
    scheme: fc.constantFrom('sip' as const, 'sips' as const),
    user: fc.option(wellFormed.map(escapeUser), { nil: undefined }),
    host,
    port: fc.option(port, { nil: undefined }),
    parameters: uriParameters,
    headers: uriHeaders,
  })
  .map(compact);
export const uri: fc.Arbitrary<Uri> = fc.oneof(
  { weight: 3, arbitrary: sipUri },
  digits.map((number) => ({
    kind: 'tel' as const,
    scheme: 'tel' as const,
    number: `+${number}`,
    parameters: new Map(),
  })),
  fc.record({
    kind: fc.constant('im' as const),
    scheme: fc.constantFrom('im' as const, 'pres' as const),
    user: wellFormed.map((name) => escapeUser(name).replaceAll('?', '%3F')),
    host,
    headers: uriHeaders,
  }),
  stringOf(`${letters}/:@&=+$,-_.!~*'()`, 1, 10).map((rest) => ({
    kind: 'absolute' as const,
    scheme: 'urn',
    rest,
  })),
);

export const nameAddr = (...except: string[]): fc.Arbitrary<NameAddr> =>
  fc.record({ displayName: fc.option(text, { nil: undefined }), uri, parameters: parameters(except) }).map(compact);

/** Head text of any value. */
export const rawValue = text.map(encodeText);
