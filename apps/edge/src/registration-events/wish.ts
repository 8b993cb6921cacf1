import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, read, readAll } from '@parley/sip';
import type { Rejection } from '../checks/rejection.ts';
import { rejectRequired } from '../checks/check-request.ts';
import { reginfoType } from './reginfo.ts';

/** The package, as Event and Allow-Events have it. @spec RFC 3680 §4.1 */
export const registrationPackage = 'reg';

/** What a SUBSCRIBE asks for. */
export interface Wish {
  /** Seconds granted; 0 ends the subscription, or fetches once. */
  readonly expires: number;
  /** `id` of the Event header field; empty for none. */
  readonly eventId: string;
}

/** Seconds when nothing is said: a little more than those of a registration. @spec RFC 3680 §4.4 */
const usual = 3761;
/** More is shortened to it, seconds. */
const longest = 86_400;

/** Whether a SUBSCRIBE is for this package. @spec RFC 6665 §8.2.1 */
export function isForRegistrations(request: SipRequest): boolean {
  const event = read(request, field.event);
  return event.ok && event.value?.package === registrationPackage;
}

/**
 * Reads what a SUBSCRIBE for this package wants.
 *
 * @param shortest - seconds; shorter ones get 423, 0 aside
 * @returns 420, 406, 423 with Min-Expires, or 400
 * @spec RFC 6665 §4.2.1.1, RFC 3680 §4.5
 */
export function readWish(request: SipRequest, shortest: number): Result<Wish, Rejection | Refusal> {
  const extensions = rejectRequired(request);
  if (extensions !== undefined) return err(extensions);
  const accept = readAll(request, field.accept);
  const event = read(request, field.event);
  const expires = read(request, field.expires);
  if (!accept.ok || !event.ok || !expires.ok) return err(unreadable);
  const ranges = new Set(accept.value.filter(({ q }) => q !== 0).map(({ range }) => range));
  if (accept.value.length > 0 && ![reginfoType, 'application/*', '*/*'].some((range) => ranges.has(range))) {
    return err({ status: 406, fields: [['Accept', reginfoType]] });
  }
  const wanted = expires.value ?? Math.max(usual, shortest);
  if (wanted > 0 && wanted < shortest && wanted < 3600) {
    return err({ status: 423, fields: [['Min-Expires', String(shortest)]] });
  }
  return ok({ expires: Math.min(wanted, longest), eventId: event.value?.id ?? '' });
}

const unreadable = refusal(400, 'Bad Request', 'expected readable Event, Accept and Expires');
