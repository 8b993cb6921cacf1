import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { field, read, readAll } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { acceptFields } from './focus-fields.ts';
import type { SipRefusal } from './sip-refusal.ts';
import { sipRefusal } from './sip-refusal.ts';

/** Extensions that a request may require of a focus. @spec RFC 4028 §4, RFC 4488 §4 */
const supported: ReadonlySet<string> = new Set(['timer', 'norefersub']);

/**
 * Refuses a request that requires what the focus does not do.
 *
 * @param more - extensions that are supported for this request besides
 * @returns 420 with the option tags
 * @spec RFC 3261 §8.2.2.3
 */
export function checkRequire(request: SipRequest, more: readonly string[] = []): Result<void, SipRefusal> {
  const required = readAll(request, field.require);
  if (!required.ok) return err(sipRefusal(400, `Require: ${required.error.message}`));
  const unknown = required.value.filter(
    (tag) => !supported.has(tag.toLowerCase()) && !more.includes(tag.toLowerCase()),
  );
  if (unknown.length === 0) return ok(undefined);
  return err(sipRefusal(420, `no support for ${unknown.join(', ')}`, [['Unsupported', unknown.join(', ')]]));
}

/**
 * Refuses a body that is no plain session description.
 *
 * @returns 415 with what is taken
 * @spec RFC 3261 §8.2.3, §21.4.13
 */
export function checkOfferBody(request: SipRequest): Result<void, SipRefusal> {
  const type = read(request, field.contentType);
  const codings = readAll(request, field.contentEncoding);
  const isPlain = codings.ok && codings.value.every((coding) => coding.toLowerCase() === 'identity');
  if (type.ok && type.value?.mediaType === 'application/sdp' && isPlain) return ok(undefined);
  return err(sipRefusal(415, 'expected application/sdp without a coding', acceptFields));
}
