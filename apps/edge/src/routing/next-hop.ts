import type { SipRequest, Uri } from '@parley/sip';
import { field, parseUri, read, serialiseUri, withAppended, withoutFirst, withRequestUri } from '@parley/sip';

/** Where a request goes next, and the request as that hop wants it. */
export interface NextHop {
  readonly request: SipRequest;
  readonly uri: Uri;
}

/**
 * The hop that the topmost Route names, else the Request-URI. For a strict router the two change places: it wants to find
 * itself in the Request-URI, and the target behind all Route values.
 *
 * @returns undefined when neither can be read
 * @spec RFC 3261 §16.6 (6, 7)
 */
export function nextHop(request: SipRequest): NextHop | undefined {
  const target = parseUri(request.requestUri);
  const route = read(request, field.route);
  if (!route.ok || !target.ok) return undefined;
  if (route.value === undefined) return { request, uri: target.value };
  const { uri } = route.value;
  if (uri.kind !== 'sip') return undefined;
  if (uri.parameters.has('lr')) return { request, uri };
  const last = { uri: target.value, parameters: route.value.parameters };
  const moved = withAppended(withoutFirst(request, field.route), field.route, last);
  return { request: withRequestUri(moved, serialiseUri({ ...uri, headers: [] })), uri };
}

/** Whether Route values of others are left. */
export function hasRoute(request: SipRequest): boolean {
  const route = read(request, field.route);
  return !route.ok || route.value !== undefined;
}
