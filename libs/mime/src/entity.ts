import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { concatBytes, noBytes, ok, portableCodec } from '@parley/prelude';
import { parseFields, parseMimeHead } from './head.ts';
import type { HeaderField } from './header-field.ts';
import { fieldValue, serialiseFields } from './header-field.ts';
import type { MimeLimits } from './limits.ts';
import { defaultMimeLimits } from './limits.ts';
import type { MediaType } from './media-type.ts';
import { defaultMediaType, parseMediaType } from './media-type.ts';

/** Header fields and a body: a body part, or what a CPIM message wraps. */
export interface MimeEntity {
  readonly fields: readonly HeaderField[];
  /** A view into the bytes that were parsed, still in its transfer encoding. */
  readonly body: Uint8Array;
}

/**
 * Parses a whole entity; one that ends before a blank line consists of header fields alone.
 *
 * @spec RFC 2046 §5.1.1 (body-part)
 */
export function parseEntity(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: MimeLimits = defaultMimeLimits,
): Result<MimeEntity, ParseError> {
  const head = parseMimeHead(bytes, 0, codec, limits);
  if (!head.ok) return head;
  if (head.value.complete) return ok({ fields: head.value.value, body: bytes.subarray(head.value.end) });
  const fields = parseFields(codec.decodeLatin1(bytes, 0, bytes.length), 0, limits.maxFields);
  return fields.ok ? ok({ fields: fields.value, body: noBytes }) : fields;
}

/** Octets of the header fields and the blank line; the body may then be written without copying it. */
export function serialiseHead(entity: MimeEntity, codec: ByteCodec = portableCodec): Uint8Array {
  return codec.encodeLatin1(`${serialiseFields(entity.fields)}\r\n`);
}

/** Octets of the whole entity; copies the body. @throws Fault when a field would break its line */
export function serialiseEntity(entity: MimeEntity, codec: ByteCodec = portableCodec): Uint8Array {
  return concatBytes([serialiseHead(entity, codec), entity.body]);
}

/**
 * The media type of the body.
 *
 * @param absent - what a missing Content-Type means here; `message/rfc822` in a digest
 * @spec RFC 2045 §5.2
 */
export function contentTypeOf(entity: MimeEntity, absent: MediaType = defaultMediaType): Result<MediaType, ParseError> {
  const value = fieldValue(entity.fields, 'Content-Type');
  return value === undefined ? ok(absent) : parseMediaType(value);
}
