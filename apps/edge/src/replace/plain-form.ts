import { withoutCpimReplace } from '@parley/cpim';
import type { ByteCodec } from '@parley/prelude';
import { concatBytes } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, readAll, readRaw, withAppended, withBody, withRawField, without } from '@parley/sip';
import { amendmentOf, mayAmend } from './amendment.ts';
import { cpimLocation } from './cpim-location.ts';
import { mentionsReplace } from './cpim-replace.ts';

/** Option tag of who can replace and recall. @spec docs/specs/replace-message.md §4.2 */
export const replaceTag = 'replace-message';

/**
 * A replacement as a new message, for who does not have the original: without the header field, the option tag in Require
 * and the CPIM headers.
 *
 * @spec docs/specs/replace-message.md §8.2, §8.3
 */
export function plainForm(request: SipRequest, codec: ByteCodec): SipRequest {
  return withoutHeaders(withoutTag(without(request, field.replacesMessage)), codec);
}

function withoutTag(request: SipRequest): SipRequest {
  const tags = readAll(request, field.require);
  if (!tags.ok || !tags.value.some(isReplaceTag)) return request;
  const others = tags.value.filter((tag) => !isReplaceTag(tag));
  const bare = without(request, field.require);
  return others.length === 0 ? bare : withRawField(bare, field.require.name, others.join(', '));
}

/** Whether it is the option tag; their case does not count. */
export function isReplaceTag(tag: string): boolean {
  return tag.toLowerCase() === replaceTag;
}

/** The octets around the head of the CPIM stay as they are; what is signed around the head cannot be found, nor changed. */
function withoutHeaders(request: SipRequest, codec: ByteCodec): SipRequest {
  const { body } = request;
  const octets = mentionsReplace(body, codec) ? cpimLocation(request, codec) : undefined;
  const changed = octets && withoutCpimReplace(octets, codec);
  if (octets === undefined || changed === undefined) return request;
  const start = octets.byteOffset - body.byteOffset;
  const pieces = [body.subarray(0, start), ...changed, body.subarray(start + octets.length)];
  return withBody(request, readRaw(request, 'Content-Type'), concatBytes(pieces));
}

/**
 * A request to another domain: a recall demands that it is understood, so that nobody shows an empty message.
 *
 * @spec docs/specs/replace-message.md §6
 */
export function demandingSupport(request: SipRequest, codec: ByteCodec): SipRequest {
  if (request.method !== 'MESSAGE' || !mayAmend(request, codec)) return request;
  const amendment = amendmentOf(request, codec);
  if (!amendment.ok || amendment.value?.action !== 'recall') return request;
  const tags = readAll(request, field.require);
  const isDemanded = !tags.ok || tags.value.some(isReplaceTag);
  return isDemanded ? request : withAppended(request, field.require, replaceTag);
}
