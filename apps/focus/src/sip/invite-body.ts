import type { MimeEntity } from '@parley/mime';
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
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Recipient } from '@parley/resource-lists';
import { parseResourceLists, recipientsOf, resourceListsType } from '@parley/resource-lists';
import { nodeBytes } from '@parley/service';
import { field, readAll, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { acceptFields } from './focus-fields.ts';
import { listAccept } from './recipient-list.ts';
import type { SipRefusal } from './sip-refusal.ts';
import { sipRefusal } from './sip-refusal.ts';

/** What the INVITE of a newcomer brings. */
export interface InviteBody {
  /** Undefined: it makes no offer. */
  readonly sdp: Uint8Array | undefined;
  /** Whom the focus is to call; undefined: there is no list. */
  readonly recipients: readonly Recipient[] | undefined;
}

/**
 * Takes the body of an INVITE outside of dialogs apart: an offer, a list of others to be invited, or both.
 *
 * @returns 415 for what nobody asked us to read, 400 for what cannot be read
 * @spec RFC 5366 §4, §5; RFC 5363 §4.1 (several lists are one); RFC 3261 §8.2.3, §20.11 (handling)
 */
export function readInviteBody(request: SipRequest): Result<InviteBody, SipRefusal> {
  if (request.body.length === 0) return ok({ sdp: undefined, recipients: undefined });
  const codings = readAll(request, field.contentEncoding);
  const isPlain = codings.ok && codings.value.every((coding) => coding.toLowerCase() === 'identity');
  const type = parseMediaType(readRaw(request, 'Content-Type') ?? '');
  if (!isPlain || !type.ok) return err(untaken());
  if (mediaEssence(type.value) !== 'multipart/mixed') return readParts([whole(request)]);
  const boundary = boundaryOf(type.value);
  const multipart = boundary.ok ? parseMultipart(request.body, boundary.value, nodeBytes) : boundary;
  if (!multipart.ok) return err(sipRefusal(400, `the multipart body: ${multipart.error.message}`));
  if (!multipart.value.closed) return err(sipRefusal(400, 'the multipart body: expected its closing delimiter'));
  return readParts(multipart.value.parts);
}

function whole(request: SipRequest): MimeEntity {
  const fields = ['Content-Type', 'Content-Disposition'].flatMap((name) => {
    const value = readRaw(request, name);
    return value === undefined ? [] : [{ name, value }];
  });
  return { fields, body: request.body };
}

function readParts(parts: readonly MimeEntity[]): Result<InviteBody, SipRefusal> {
  let sdp: Uint8Array | undefined;
  let recipients: Recipient[] | undefined;
  for (const part of parts) {
    const type = contentTypeOf(part);
    const essence = type.ok ? mediaEssence(type.value) : '';
    const disposition = parseContentDisposition(fieldValue(part.fields, 'Content-Disposition') ?? 'session');
    if (essence === 'application/sdp' && sdp === undefined) {
      const body = decodedBody(part);
      if (!body.ok) return err(sipRefusal(400, `the session description: ${body.error.message}`));
      sdp = body.value.slice();
    } else if (disposition.ok && disposition.value.type === 'recipient-list') {
      const named = essence === resourceListsType ? readList(part) : err(untaken());
      if (!named.ok) return named;
      recipients = [...(recipients ?? []), ...named.value];
    } else if (!isOptional(part)) return err(untaken());
  }
  return ok({ sdp, recipients });
}

function readList(part: MimeEntity): Result<readonly Recipient[], SipRefusal> {
  const body = decodedBody(part);
  const lists = body.ok ? parseResourceLists(body.value, nodeBytes) : body;
  if (!lists.ok) return err(sipRefusal(400, `the recipient list: ${lists.error.message}`));
  const { named } = recipientsOf(lists.value);
  return named.length === 0 ? err(sipRefusal(400, 'the recipient list: expected an entry')) : ok(named);
}

function isOptional({ fields }: MimeEntity): boolean {
  const disposition = parseContentDisposition(fieldValue(fields, 'Content-Disposition') ?? '');
  if (!disposition.ok) return false;
  const { parameters } = disposition.value;
  return parameters.some(({ name, value }) => name.toLowerCase() === 'handling' && value.toLowerCase() === 'optional');
}

function untaken(): SipRefusal {
  return sipRefusal(415, 'expected a session description, a recipient list, or both', [...acceptFields, listAccept]);
}
