import type { SipRequest } from '@parley/sip';
import { checkRequest, field, read, readAll } from '@parley/sip';
import type { Rejection } from './rejection.ts';

/** What the grammar and RFC 3261 §8.1.1 want of every request. */
export function rejectMalformed(request: SipRequest): Rejection | undefined {
  const checked = checkRequest(request);
  if (checked.ok) return undefined;
  const { status, message } = checked.error;
  return status === 400 ? { status, phrase: `Bad Request: ${message}` } : { status };
}

const tooManyHops: Rejection = { status: 483 };

/** What a proxy looks at before it forwards; loops are looked for elsewhere. @spec RFC 3261 §16.3 (3), (5) */
export function rejectForwarding(request: SipRequest): Rejection | undefined {
  const hops = read(request, field.maxForwards);
  if (hops.ok && hops.value === 0) return tooManyHops;
  return rejectExtensions(request, field.proxyRequire, noTags);
}

const noTags: ReadonlySet<string> = new Set<string>();

/** 420 for the option tags that must be supported and are not. @spec RFC 3261 §8.2.2.3 */
export function rejectRequired(request: SipRequest, supported: ReadonlySet<string> = noTags): Rejection | undefined {
  return rejectExtensions(request, field.require, supported);
}

function rejectExtensions(
  request: SipRequest,
  definition: typeof field.require,
  supported: ReadonlySet<string>,
): Rejection | undefined {
  const tags = readAll(request, definition);
  if (!tags.ok) return { status: 400, phrase: `Bad ${definition.name}` };
  const unknown = tags.value.filter((tag) => !supported.has(tag.toLowerCase()));
  return unknown.length === 0 ? undefined : { status: 420, fields: [['Unsupported', unknown.join(', ')]] };
}

/** 413 for a page-mode body beyond the limit, which Max-Size tells. @spec RFC 3261 §21.4.11 */
export function rejectLarge(request: SipRequest, maxSize: number): Rejection | undefined {
  return request.body.length > maxSize
    ? { status: 413, phrase: 'Message Too Large', fields: [['Max-Size', String(maxSize)]] }
    : undefined;
}

/** 400 for a To that names no address-of-record. @spec RFC 3261 §10.2 (To), RFC 4475 §3.3.4 */
export function rejectRegistrant(request: SipRequest): Rejection | undefined {
  const to = read(request, field.to);
  const isAddress = to.ok && to.value?.uri.kind === 'sip';
  return isAddress ? undefined : { status: 400, phrase: 'Bad Request: expected a SIP URI in To' };
}
