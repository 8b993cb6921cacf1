import type { HeaderLine, SipRequest } from '@parley/sip';
import { field, headerLine, read, readRaw, withLines, without, withRequestUri, withTop } from '@parley/sip';
import { nextHop } from './next-hop.ts';
import { rawRoute } from './raw-route.ts';

/** Max-Forwards of a request that came without. @spec RFC 3261 §16.6 (3) */
const firstMaxForwards = 70;

/** What every copy of a forwarded request shares. */
export interface ForwardingRules {
  /** Realm whose credentials end here. @spec RFC 3261 §22.3 */
  readonly realm: string;
  /** The line of Date for now. */
  readonly date: HeaderLine;
  /** The line of Max-Breadth, where it goes to one target alone. @spec RFC 5393 §5.3.3 */
  readonly breadth?: HeaderLine | undefined;
}

/**
 * The request as it leaves, save for target and Via: one hop less, our credentials taken out, dated.
 *
 * @spec RFC 3261 §16.6 (1), (3)
 */
export function forwardedRequest(request: SipRequest, { realm, date, breadth }: ForwardingRules): SipRequest {
  const hops = read(request, field.maxForwards);
  const left = hops.ok && hops.value !== undefined ? hops.value - 1 : firstMaxForwards;
  const bare = ownCredentials(request, realm) ? without(request, field.proxyAuthorization) : request;
  const counted = hopLines[Math.max(0, left)] ?? headerLine(field.maxForwards, left);
  const lines = readRaw(bare, field.date) === undefined ? [counted, date] : [counted];
  if (breadth !== undefined) lines.push(breadth);
  return withLines(bare, lines);
}

/** The line of every Max-Forwards that is left. @spec RFC 3261 §20.22 (0 to 255) */
const hopLines = Array.from({ length: 255 }, (_, left) => headerLine(field.maxForwards, left));

/** Whether the only credentials for proxies are those for our realm. */
function ownCredentials(request: SipRequest, realm: string): boolean {
  const value = readRaw(request, field.proxyAuthorization);
  return value?.includes(`realm="${realm}"`) ?? false;
}

/** The copy for one target; its Path becomes the Route. @spec RFC 3261 §16.6 (2, 6), RFC 3327 §5.3 */
export function copyFor(request: SipRequest, requestUri: string, path: readonly string[]): SipRequest {
  let copy = withRequestUri(request, requestUri);
  if (path.length === 0) return copy;
  for (let i = path.length - 1; i >= 0; i--) copy = withTop(copy, rawRoute, path[i] ?? '');
  return nextHop(copy)?.request ?? copy;
}
