import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { concatBytes, err, noBytes, ok, parseError, portableCodec } from '@parley/prelude';
import type { Boundary } from './boundary.ts';
import type { MimeEntity } from './entity.ts';
import { parseEntity, serialiseHead } from './entity.ts';
import type { MimeLimits } from './limits.ts';
import { defaultMimeLimits } from './limits.ts';

/** The body of a multipart, taken apart; every array of octets is a view into the input. */
export interface Multipart {
  /** What stands before the first delimiter line; to be ignored. */
  readonly preamble: Uint8Array;
  readonly parts: readonly MimeEntity[];
  /** What stands after the closing delimiter line; to be ignored. */
  readonly epilogue: Uint8Array;
  /** False when the body stops before its closing delimiter, so that the last part may be cut short. */
  readonly closed: boolean;
}

const section = 'RFC 2046 §5.1.1';
const lf = 10;
const cr = 13;
const hyphen = 45;

/** A delimiter line: from `start`, its line break included, to `end`, where what it introduces begins. */
interface Delimiter {
  readonly start: number;
  readonly end: number;
  readonly closing: boolean;
}

/** Where the line break that belongs to a delimiter at `dash` starts; -1 when it does not stand at a line's beginning. */
function lineStart(bytes: Uint8Array, dash: number, from: number): number {
  if (dash === 0) return 0;
  if (bytes[dash - 1] !== lf) return -1;
  if (dash - 1 < from) return dash;
  return dash - 2 >= from && bytes[dash - 2] === cr ? dash - 2 : dash - 1;
}

/** The offset behind transport padding and line break, the end of the body counting as one; -1 for anything else. */
function lineEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] === 32 || bytes[end] === 9) end++;
  if (end === bytes.length) return end;
  if (bytes[end] === lf) return end + 1;
  return bytes[end] === cr && bytes[end + 1] === lf ? end + 2 : -1;
}

function delimiterAt(bytes: Uint8Array, dash: number, length: number, from: number): Delimiter | undefined {
  const start = lineStart(bytes, dash, from);
  if (start === -1) return undefined;
  const closing = bytes[dash + length] === hyphen && bytes[dash + length + 1] === hyphen;
  const end = lineEnd(bytes, dash + length + (closing ? 2 : 0));
  return end === -1 ? undefined : { start, end, closing };
}

/** The next delimiter line at or after `from`; every octet is looked at once. */
function nextDelimiter(bytes: Uint8Array, dashed: Uint8Array, from: number, codec: ByteCodec): Delimiter | undefined {
  for (let dash = codec.indexOf(bytes, dashed, from); dash !== -1; dash = codec.indexOf(bytes, dashed, dash + 1)) {
    const delimiter = delimiterAt(bytes, dash, dashed.length, from);
    if (delimiter !== undefined) return delimiter;
  }
  return undefined;
}

/**
 * Splits the body of a multipart at its boundary; parts are views, never copies.
 *
 * @deviation A body whose closing delimiter is missing ends with its last part, as RFC 2046 §5.1.2 asks for truncated
 * entities, and delimiter lines may end in a bare LF, for senders that write text files.
 * @spec RFC 2046 §5.1.1
 */
export function parseMultipart(
  body: Uint8Array,
  boundary: Boundary,
  codec: ByteCodec = portableCodec,
  limits: MimeLimits = defaultMimeLimits,
): Result<Multipart, ParseError> {
  const dashed = codec.encodeLatin1(`--${boundary}`);
  const first = nextDelimiter(body, dashed, 0, codec);
  if (first === undefined) return err(parseError('dash-boundary', 0, section, 'no delimiter line of this boundary'));
  const parts: MimeEntity[] = [];
  let open = first;
  while (!open.closing) {
    if (parts.length === limits.maxParts)
      return err(parseError('encapsulation', open.start, section, 'too many parts'));
    const next = nextDelimiter(body, dashed, open.end, codec);
    const part = parseEntity(body.subarray(open.end, next?.start), codec, limits);
    if (!part.ok) return err({ ...part.error, offset: open.end + part.error.offset });
    parts.push(part.value);
    if (next === undefined)
      return ok({ preamble: body.subarray(0, first.start), parts, epilogue: noBytes, closed: false });
    open = next;
  }
  return ok({ preamble: body.subarray(0, first.start), parts, epilogue: body.subarray(open.end), closed: true });
}

const crlf = Uint8Array.of(cr, lf);

/**
 * Octets of a multipart body, closing delimiter included.
 *
 * @spec RFC 2046 §5.1.1; composers must not pad
 */
export function serialiseMultipart(
  multipart: Pick<Multipart, 'parts'> & Partial<Multipart>,
  boundary: Boundary,
  codec: ByteCodec = portableCodec,
): Uint8Array {
  const delimiter = codec.encodeLatin1(`\r\n--${boundary}\r\n`);
  const { preamble = noBytes, parts, epilogue = noBytes } = multipart;
  const pieces: Uint8Array[] = preamble.length === 0 ? [] : [preamble];
  for (const part of parts) {
    pieces.push(pieces.length === 0 ? delimiter.subarray(2) : delimiter, serialiseHead(part, codec), part.body);
  }
  pieces.push(codec.encodeLatin1(`${pieces.length === 0 ? '' : '\r\n'}--${boundary}--`));
  if (epilogue.length > 0) pieces.push(crlf, epilogue);
  return concatBytes(pieces);
}
