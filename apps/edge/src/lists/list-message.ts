import type { MimeEntity, Multipart } from '@parley/mime';
import {
  boundaryOf,
  contentTypeOf,
  decodedBody,
  fieldValue,
  mediaEssence,
  parseContentDisposition,
  parseMediaType,
  parseMultipart,
} from '@parley/mime';
import type { ByteCodec, Result } from '@parley/prelude';
import { concatBytes, err, ok } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import { parseResourceLists, recipientsOf, resourceListsType } from '@parley/resource-lists';
import type { SipRequest } from '@parley/sip';
import { readRaw } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { isEncryptedType } from '../plain-only/protection.ts';
import { contentIn } from './content.ts';
import type { Remainder } from './content.ts';
import type { ListRefusal } from './list-refusal.ts';

/** A message with the list of those whom it is for. */
export interface ListMessage {
  readonly recipients: readonly Recipient[];
  /** References that nobody here can resolve. */
  readonly unresolved: readonly string[];
  readonly remainder: Remainder;
}

/** What reading takes. */
export interface ReadingMeans {
  readonly codec: ByteCodec;
  readonly inflate: Inflate;
}

const readable = 'multipart/mixed';

/**
 * Takes a message to the list service apart.
 *
 * Of S/MIME the service speaks nothing itself: a list that is signed is of a type that it does not take, and one that is
 * encrypted it cannot read. What is signed or encrypted beside the list is its recipients' business and goes on untouched.
 *
 * @spec RFC 5365 §4, §7; RFC 5363 §4.1 (several lists are one)
 */
export function readListMessage(request: SipRequest, means: ReadingMeans): Result<ListMessage, ListRefusal> {
  const body = plainBody(request, means.inflate);
  if (!body.ok) return body;
  const type = parseMediaType(readRaw(request, 'Content-Type') ?? '');
  const boundary = type.ok && mediaEssence(type.value) === readable ? boundaryOf(type.value) : undefined;
  if (boundary === undefined) return err(type.ok && isEncryptedType(type.value) ? undecipherable : notMultipart);
  if (!boundary.ok) return refused(400, `the multipart body: ${boundary.error.message}`);
  const multipart = parseMultipart(body.value, boundary.value, means.codec);
  if (!multipart.ok) return refused(400, `the multipart body: ${multipart.error.message}`);
  if (!multipart.value.closed) return refused(400, 'the multipart body: expected its closing delimiter');
  const lists = multipart.value.parts.filter(isList);
  if (lists.length === 0) return refused(400, 'expected a body part with Content-Disposition: recipient-list');
  if (lists.length === multipart.value.parts.length)
    return refused(400, 'expected a message beside the recipient list');
  const named = readLists(lists, means.codec);
  if (!named.ok) return named;
  const fields = contentIn(request).fields.filter(([name]) => name !== 'Content-Encoding');
  return ok({ ...named.value, remainder: withoutLists(body.value, multipart.value, boundary.value, fields) });
}

function plainBody(request: SipRequest, inflate: Inflate): Result<Uint8Array, ListRefusal> {
  const encoding = readRaw(request, 'Content-Encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return ok(request.body);
  const body = encoding === 'deflate' ? inflate(request.body) : undefined;
  if (body !== undefined) return ok(body);
  return encoding === 'deflate' ? refused(400, 'the body cannot be inflated') : err(unknownEncoding);
}

function isList(part: MimeEntity): boolean {
  const disposition = parseContentDisposition(fieldValue(part.fields, 'Content-Disposition') ?? '');
  return disposition.ok && disposition.value.type === 'recipient-list';
}

function readLists(
  parts: readonly MimeEntity[],
  codec: ByteCodec,
): Result<Pick<ListMessage, 'recipients' | 'unresolved'>, ListRefusal> {
  const recipients: Recipient[] = [];
  const unresolved: string[] = [];
  for (const part of parts) {
    const type = contentTypeOf(part);
    if (!type.ok || mediaEssence(type.value) !== resourceListsType)
      return err(type.ok && isEncryptedType(type.value) ? undecipherable : notResourceLists);
    const octets = decodedBody(part);
    const document = octets.ok ? parseResourceLists(octets.value, codec) : octets;
    if (!document.ok) return refused(400, `the recipient list: ${document.error.message}`);
    const found = recipientsOf(document.value);
    recipients.push(...found.named);
    unresolved.push(...found.unresolved);
  }
  return recipients.length === 0 ? refused(400, 'the recipient list names nobody') : ok({ recipients, unresolved });
}

/** Cuts the lists out of the octets, so that every other part stays octet for octet. */
function withoutLists(
  body: Uint8Array,
  { preamble, parts }: Multipart,
  boundary: string,
  fields: Remainder['fields'],
): Remainder {
  const kept: Uint8Array[] = [preamble];
  let from = preamble.length;
  for (const part of parts) {
    const to = part.body.byteOffset - body.byteOffset + part.body.length;
    if (!isList(part)) kept.push(body.subarray(from, to));
    from = to;
  }
  const end = kept.reduce((sum, { length }) => sum + length, 0);
  const octets = concatBytes([...kept, body.subarray(from)]);
  return { fields, octets, boundary, end, parts: parts.filter((part) => !isList(part)) };
}

function refused(status: number, message: string): Result<never, ListRefusal> {
  return err({ status, message });
}

const notMultipart: ListRefusal = {
  status: 415,
  message: `expected ${readable} with a recipient list and a message`,
  fields: [['Accept', `${readable}, ${resourceListsType}`]],
};

const notResourceLists: ListRefusal = {
  status: 415,
  message: `expected the recipient list as ${resourceListsType}`,
  fields: [['Accept', `${readable}, ${resourceListsType}`]],
};

/** No certificate goes with it: there is no key that a list could be encrypted for. @spec RFC 3261 §21.4.28, §23.2 */
const undecipherable: ListRefusal = {
  status: 493,
  message:
    'the list is encrypted, and this service has no key; what is beside the list may be encrypted for recipients',
};

const unknownEncoding: ListRefusal = {
  status: 415,
  message: 'the encoding of the body cannot be undone here',
  fields: [['Accept-Encoding', 'identity, deflate']],
};
