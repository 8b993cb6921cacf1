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
 * How long a message is kept: its Expires, counted from its arrival, else the time that the installation says.
 *
 * @param memory - milliseconds, `PARLEY_OFFLINE_TTL`
 * @spec RFC 3428 §7
 */
export function lifetimeOf(request: SipRequest, isNotification: boolean, now: number, memory: number): Lifetime {
  const expires = read(request, field.expires);
  const seconds = expires.ok ? expires.value : undefined;
  if (seconds === 0) return { kind: 'none' };
  if (seconds !== undefined) return { kind: 'until', at: now + seconds * 1000 };
  if (isNotification) return { kind: 'taken' };
  return memory === 0 ? { kind: 'none' } : { kind: 'until', at: now + memory };
}
