import { conferenceInfoType } from '@parley/conference-info';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { field, read, readAll } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import type { Rates } from './rates.ts';
import { readRates } from './rates.ts';

/** What a SUBSCRIBE asks for. */
export interface Wish {
  /** Seconds granted; 0 ends the subscription, or fetches once. */
  readonly expires: number;
  readonly eventId: string;
  readonly rates: Rates;
}

/** Seconds that subscriptions last. */
export interface Durations {
  /** Shorter ones get 423, 0 aside. */
  readonly shortest: number;
  /** When nothing is said: one hour. @spec RFC 4575 §3.3 */
  readonly usual: number;
  /** More is shortened to it: a record in the bucket lives for a day. */
  readonly longest: number;
}

/** The durations of the package, over the shortest one that settings allow. */
export function durations(shortest: number): Durations {
  return { shortest, usual: Math.max(3600, shortest), longest: Math.max(43_200, shortest) };
}

/** The event package of conferences. @spec RFC 4575 §3.1 */
export const conferencePackage = 'conference';

/**
 * Reads what a SUBSCRIBE wants, in the order in which a notifier checks it.
 *
 * @returns 420, 489 with Allow-Events, 406 with Accept, 423 with Min-Expires, or 400
 * @spec RFC 6665 §4.2.1.1, RFC 4575 §3.4
 */
export function readWish(request: SipRequest, limits: Durations): Result<Wish, SipRefusal> {
  const extensions = checkRequire(request);
  if (!extensions.ok) return extensions;
  const event = read(request, field.event);
  if (!event.ok || event.value?.package !== conferencePackage) {
    return err(sipRefusal(489, 'expected Event: conference', [['Allow-Events', conferencePackage]]));
  }
  const readable = checkAccept(request);
  if (!readable.ok) return readable;
  const expires = grant(request, limits);
  if (!expires.ok) return expires;
  const { id = '', parameters } = event.value;
  return ok({ expires: expires.value, eventId: id, rates: readRates(parameters, expires.value) });
}

function checkRequire(request: SipRequest): Result<void, SipRefusal> {
  const required = readAll(request, field.require);
  if (!required.ok) return err(sipRefusal(400, required.error.message));
  if (required.value.length === 0) return ok(undefined);
  const tags = required.value.join(', ');
  return err(sipRefusal(420, `no support for ${tags}`, [['Unsupported', tags]]));
}

/** No Accept means the package's own format; `q=0` refuses it. */
function checkAccept(request: SipRequest): Result<void, SipRefusal> {
  const accept = readAll(request, field.accept);
  if (!accept.ok) return err(sipRefusal(400, accept.error.message));
  const ranges = [conferenceInfoType, 'application/*', '*/*'];
  const [best] = ranges.flatMap((range) => accept.value.filter((offered) => offered.range === range));
  if (accept.value.length === 0 || (best !== undefined && best.q !== 0)) return ok(undefined);
  return err(sipRefusal(406, `documents are ${conferenceInfoType}`, [['Accept', conferenceInfoType]]));
}

function grant(request: SipRequest, { shortest, usual, longest }: Durations): Result<number, SipRefusal> {
  const expires = read(request, field.expires);
  if (!expires.ok) return err(sipRefusal(400, expires.error.message));
  const wanted = expires.value ?? usual;
  if (wanted > 0 && wanted < shortest && wanted < 3600) {
    return err(sipRefusal(423, `expected at least ${shortest} seconds`, [['Min-Expires', String(shortest)]]));
  }
  return ok(Math.min(wanted, longest));
}
