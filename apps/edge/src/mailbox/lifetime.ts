import type { SipRequest } from '@parley/sip';
import { field, read } from '@parley/sip';

/** Until when a copy may be delivered. */
export type Lifetime =
  /** Wall time in milliseconds. */
  | { readonly kind: 'until'; readonly at: number }
  /** A disposition notification: kept until a device took it. */
  | { readonly kind: 'taken' }
  /** Nothing to keep: it is over as it comes. */
  | { readonly kind: 'none' };

/**
 * How long a message is kept: its Expires, counted from its Date, where it came with one, else from its arrival; without,
 * the time that the installation says.
 *
 * @param memory - milliseconds, `PARLEY_OFFLINE_TTL`
 * @spec RFC 3428 §7
 */
export function lifetimeOf(request: SipRequest, isNotification: boolean, now: number, memory: number): Lifetime {
  const seconds = expiresOf(request);
  if (seconds === 0) return { kind: 'none' };
  if (seconds !== undefined) {
    const at = (dateOf(request) ?? now) + seconds * 1000;
    return at > now ? { kind: 'until', at } : { kind: 'none' };
  }
  if (isNotification) return { kind: 'taken' };
  return memory === 0 ? { kind: 'none' } : { kind: 'until', at: now + memory };
}

/** Whether the time of a message was over when it came; `Expires: 0` says: now or never. @spec RFC 3428 §7 */
export function isOverOnArrival(request: SipRequest, now: number): boolean {
  const seconds = expiresOf(request);
  if (seconds === undefined || seconds === 0) return false;
  const date = dateOf(request);
  return date !== undefined && date + seconds * 1000 <= now;
}

function expiresOf(request: SipRequest): number | undefined {
  const expires = read(request, field.expires);
  return expires.ok ? expires.value : undefined;
}

function dateOf(request: SipRequest): number | undefined {
  const date = read(request, field.date);
  return date.ok ? date.value : undefined;
}
