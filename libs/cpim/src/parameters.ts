import { decodeText } from '@parley/mime';
import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import { unescapeValue } from './escape.ts';
import type { CpimHeader } from './header.ts';

/** One `;name=value`, the value a token, a number or a String; pieces share no first character. */
const parameter = /;([!#-'*+\-0-9A-Z^_`a-z|~]+)=(?:"([^"\\]*(?:\\[^][^"\\]*)*)"|([^;" ]*))/g;

/** The value of the first parameter called `name` of a header, unescaped, or undefined. @spec RFC 3862 §3.6 (Parameter) */
export function headerParameter(
  header: CpimHeader,
  name: string,
  codec: ByteCodec = portableCodec,
): string | undefined {
  for (const [, found, string, token] of header.parameters.matchAll(parameter)) {
    if (found === name) return unescapeValue(decodeText(string ?? token ?? '', codec));
  }
  return undefined;
}

/** A human-readable header value with the language that its `lang` parameter names. */
export interface LocalText {
  readonly text: string;
  /** Language tag, e.g. `fr`; absent means `i-default`. */
  readonly language?: string;
}

/** What a header says to people. @spec RFC 3862 §3.3 */
export function localTextOf(header: CpimHeader, codec: ByteCodec = portableCodec): LocalText {
  const text = unescapeValue(decodeText(header.value, codec));
  const language = headerParameter(header, 'lang', codec);
  return language === undefined ? { text } : { text, language };
}
