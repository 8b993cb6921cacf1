import type { MimeEntity } from '@parley/mime';
import { decodedBody, fieldValue, newBoundary, serialiseHead, serialiseMultipart } from '@parley/mime';
import type { ByteCodec, Random } from '@parley/prelude';
import { concatBytes } from '@parley/prelude';
import { resourceListsType } from '@parley/resource-lists';
import type { RawField, SipRequest } from '@parley/sip';
import { readRaw, withBody, without, withRawField } from '@parley/sip';

/** Body of a request and the header fields that describe it. */
export interface Content {
  readonly fields: readonly RawField[];
  readonly body: Uint8Array;
}

/** What of a multipart is left when its recipient lists are taken out. */
export interface Remainder {
  /** Header fields that described the whole. */
  readonly fields: readonly RawField[];
  /** The octets as they came, but for those of the lists. */
  readonly octets: Uint8Array;
  readonly boundary: string;
  /** Where in the octets the last part ends, and its closing delimiter begins. */
  readonly end: number;
  /** Parts that are no lists; at least one. */
  readonly parts: readonly MimeEntity[];
}

/** Fields that describe a body; SIP has no transfer encodings, and writes the length by itself. @spec RFC 3261 §7.4.1 */
export const contentFields: readonly string[] = [
  'Content-Type',
  'Content-Encoding',
  'Content-Disposition',
  'Content-Language',
  'Content-ID',
  'Content-Description',
];

/** A history as a body part: who does not understand it can do without. @spec RFC 5365 §7.3 */
function historyPart(history: Uint8Array): MimeEntity {
  return {
    fields: [
      { name: 'Content-Type', value: resourceListsType },
      { name: 'Content-Disposition', value: 'recipient-list-history; handling=optional' },
    ],
    body: history,
  };
}

/**
 * What recipients get of a multipart: its other parts, octet for octet, and the history. Of a part that is left alone
 * the wrapper is removed.
 *
 * @spec RFC 5365 §7.3
 */
export function contentOf(remainder: Remainder, history: Uint8Array | undefined, codec: ByteCodec): Content {
  const [only, ...others] = remainder.parts;
  const bare = history === undefined && others.length === 0 && only !== undefined ? unwrapped(only) : undefined;
  if (bare !== undefined) return bare;
  const { fields, octets, boundary, end } = remainder;
  if (history === undefined) return { fields, body: octets };
  const part = historyPart(history);
  const delimiter = codec.encodeLatin1(`\r\n--${boundary}\r\n`);
  const body = concatBytes([
    octets.subarray(0, end),
    delimiter,
    serialiseHead(part, codec),
    history,
    octets.subarray(end),
  ]);
  return { fields, body };
}

/** A body part as the whole of a message; undefined when its transfer encoding cannot be undone. */
export function unwrapped(part: MimeEntity): Content | undefined {
  const body = decodedBody(part);
  if (!body.ok) return undefined;
  const fields = present((name) => fieldValue(part.fields, name));
  const isTyped = fieldValue(part.fields, 'Content-Type') !== undefined;
  return { fields: isTyped ? fields : [['Content-Type', 'text/plain'], ...fields], body: body.value };
}

/** The content of a request as one part beside a history. */
export function wrapped(content: Content, history: Uint8Array, random: Random, codec: ByteCodec): Content {
  const boundary = newBoundary(random);
  const part: MimeEntity = { fields: content.fields.map(([name, value]) => ({ name, value })), body: content.body };
  const body = serialiseMultipart({ parts: [part, historyPart(history)] }, boundary, codec);
  return { fields: [['Content-Type', `multipart/mixed;boundary=${boundary}`]], body };
}

/** The content of a request as it came. */
export function contentIn(request: SipRequest): Content {
  return { fields: present((name) => readRaw(request, name)), body: request.body };
}

/** The request with another content. */
export function withContent(request: SipRequest, { fields, body }: Content): SipRequest {
  const bare = contentFields.reduce((next, name) => without(next, { name }), request);
  return fields.reduce((next, [name, value]) => withRawField(next, name, value), withBody(bare, undefined, body));
}

function present(valueOf: (name: string) => string | undefined): readonly RawField[] {
  return contentFields.flatMap((name): readonly RawField[] => {
    const value = valueOf(name);
    return value === undefined ? [] : [[name, value]];
  });
}
