import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import { trimWsp } from './grammar.ts';
import type { HeaderField } from './header-field.ts';
import type { MimeLimits } from './limits.ts';
import { defaultMimeLimits } from './limits.ts';

/** Outcome of reading something off the front of a stream: more octets are needed, or where it ends and what it is. */
export type Scan<T> =
  | { readonly complete: false }
  | {
      readonly complete: true;
      readonly value: T;
      /** Offset of the first octet behind what was read. */
      readonly end: number;
    };

const section = 'RFC 2045 §3';
const blankLine = Uint8Array.of(13, 10, 13, 10);

function fieldOf(line: string, offset: number): Result<HeaderField, ParseError> {
  const colon = line.indexOf(':');
  const name = colon === -1 ? '' : trimWsp(line.slice(0, colon));
  if (!/^[!-9;-~]+$/.test(name)) return err(parseError('field-name', offset, section, 'expected a field name and ":"'));
  const value = trimWsp(line.slice(colon + 1));
  if (/[\r\0]/.test(value)) return err(parseError('field-body', offset, section, 'a bare CR or a NUL in a field'));
  return ok({ name, value });
}

/** Lines with their continuations joined: only the line break of a fold goes. @spec RFC 5322 §2.2.3 */
function unfold(text: string): string[] {
  return text.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/);
}

/**
 * Header fields of a block of lines without the blank line at its end.
 *
 * @param offset - where the block stands in the input, for error reports
 */
export function parseFields(
  text: string,
  offset = 0,
  maxFields: number = defaultMimeLimits.maxFields,
): Result<readonly HeaderField[], ParseError> {
  const fields: HeaderField[] = [];
  for (const line of unfold(text)) {
    if (line === '') continue;
    if (fields.length === maxFields) return err(parseError('fields', offset, section, 'too many header fields'));
    const field = fieldOf(line, offset);
    if (!field.ok) return field;
    fields.push(field.value);
  }
  return ok(fields);
}

/** Offsets where the header lines stop and the body starts, or undefined while no blank line has come. */
function headBounds(bytes: Uint8Array, from: number, codec: ByteCodec): { stop: number; body: number } | undefined {
  if (bytes[from] === 13 && bytes[from + 1] === 10) return { stop: from, body: from + 2 };
  if (bytes[from] === 10) return { stop: from, body: from + 1 };
  const end = codec.indexOf(bytes, blankLine, from);
  return end === -1 ? undefined : { stop: end, body: end + 4 };
}

/** Offset in `head` of a blank line made of bare line feeds, and its length; what follows it is body already. */
function bareBlankLine(head: string): { at: number; length: number } | undefined {
  const found = /\n\r?\n/.exec(head);
  return found === null ? undefined : { at: found.index, length: found[0].length };
}

/**
 * Reads a block of MIME header fields and the blank line that ends it; lines may end in a bare LF.
 *
 * @param from - offset of the first header line
 * @returns incomplete until the blank line is there; an error when the block outgrows its limits or is malformed
 * @spec RFC 2045 §3, RFC 5322 §2.2
 */
export function parseMimeHead(
  bytes: Uint8Array,
  from = 0,
  codec: ByteCodec = portableCodec,
  limits: MimeLimits = defaultMimeLimits,
): Result<Scan<readonly HeaderField[]>, ParseError> {
  const window = bytes.length - from > limits.maxHeadOctets ? bytes.subarray(0, from + limits.maxHeadOctets) : bytes;
  const bounds = headBounds(window, from, codec);
  const text = codec.decodeLatin1(window, from, bounds?.stop ?? window.length);
  const bare = bareBlankLine(text);
  if (bare === undefined && bounds === undefined) {
    if (window.length - from < limits.maxHeadOctets) return ok({ complete: false });
    return err(parseError('fields', from, section, 'no blank line within the length that a head may have'));
  }
  const fields = parseFields(bare === undefined ? text : text.slice(0, bare.at + 1), from, limits.maxFields);
  if (!fields.ok) return fields;
  const end = bare === undefined ? (bounds?.body ?? from) : from + bare.at + bare.length;
  return ok({ complete: true, value: fields.value, end });
}
