import type { Binding } from '../registrar/binding.ts';

/** What is done with a request for a user of this domain. */
export type UserRoute =
  /** 404. @spec RFC 3261 §21.4.5 */
  | { readonly kind: 'unknown' }
  /** To all of them at once. */
  | { readonly kind: 'fork'; readonly bindings: readonly Binding[] }
  /** Nobody is there now: kept for later where there is a mailbox, else 480. */
  | { readonly kind: 'store' };

const unknown: UserRoute = { kind: 'unknown' };
const store: UserRoute = { kind: 'store' };

/**
 * Decides for one request to a user.
 *
 * @param isKnown - whether there is such an account
 * @param live - its bindings that have not expired
 */
export function routeMessage(isKnown: boolean, live: readonly Binding[]): UserRoute {
  if (!isKnown) return unknown;
  return live.length === 0 ? store : { kind: 'fork', bindings: live };
}
