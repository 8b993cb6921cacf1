import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import type { MediaType } from './media-type.ts';
import { mediaEssence, parseMediaType, serialiseMediaType } from './media-type.ts';

/**
 * What one side is willing to receive: a media type, or with `*` as subtype or as both, many. The same shape as
 * {@link MediaType}, since `*` is a token there.
 */
export interface MediaRange extends MediaType {
  /** Marks the value as a pattern, so that it is not sent as the type of a body. */
  readonly range: true;
}

const everything: MediaRange = { type: '*', subtype: '*', parameters: [], range: true };

/**
 * One entry of Accept or of `a=accept-types`; a lone `*` is taken as all types.
 *
 * @spec RFC 3261 §20.1, RFC 4975 §8.6 (format-entry)
 */
export function parseMediaRange(text: string): Result<MediaRange, ParseError> {
  if (text.trim() === '*') return ok(everything);
  const mediaType = parseMediaType(text);
  if (!mediaType.ok) return mediaType;
  if (mediaType.value.type === '*' && mediaType.value.subtype !== '*') {
    return err(parseError('media-range', 0, 'RFC 3261 §25.1', 'expected "*/*", "type/*" or "type/subtype"'));
  }
  return ok({ ...mediaType.value, range: true });
}

/** Entries between separators, which do not count inside quotes; the alternatives are disjoint, so this is linear. */
const entries = {
  ',': /(?:[^",]|"(?:[^"\\]|\\[^])*"?)+/g,
  ' ': /(?:[^" ]|"(?:[^"\\]|\\[^])*"?)+/g,
};

/**
 * A list of ranges, in the order of the text.
 *
 * @param separator - `,` for Accept, a space for `a=accept-types` and `a=accept-wrapped-types`
 */
export function parseMediaRanges(text: string, separator: ',' | ' '): Result<readonly MediaRange[], ParseError> {
  const ranges: MediaRange[] = [];
  for (const [entry] of text.matchAll(entries[separator])) {
    if (entry.trim() === '') continue;
    const range = parseMediaRange(entry);
    if (!range.ok) return range;
    ranges.push(range.value);
  }
  return ok(ranges);
}

/** The entry as text; all types are written as the lone star that MSRP has or as both stars. */
export function serialiseMediaRange(range: MediaRange, all: '*' | '*/*' = '*'): string {
  return range.type === '*' && range.parameters.length === 0 ? all : serialiseMediaType(range);
}

/**
 * Whether a body of this type is welcome; parameters, `q` among them, do not count.
 *
 * @spec RFC 4975 §8.6: an entry with parameters matches the same entry without
 */
export function rangeIncludes(range: MediaRange, mediaType: MediaType): boolean {
  if (range.type === '*') return true;
  if (range.subtype === '*') return range.type === mediaType.type;
  return mediaEssence(range) === mediaEssence(mediaType);
}
