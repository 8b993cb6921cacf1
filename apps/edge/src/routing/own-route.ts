import type { SipRequest, SipUri } from '@parley/sip';
import {
  field,
  parseUri,
  read,
  readAll,
  serialiseUri,
  withoutFirst,
  withRequestUri,
  withTop,
  without,
} from '@parley/sip';

/** A request without the Route values that name this edge. */
export interface Routed {
  readonly request: SipRequest;
  /** User parts of those that were taken off, from the top: flow tokens. */
  readonly tokens: readonly string[];
}

/** Values of ours that are taken off one request: a dialog is recorded twice, for each of its ends. */
const mostOwn = 4;

const noTokens: readonly string[] = [];

/**
 * Takes this edge's own values off the top of Route, and undoes what a strict router did to the Request-URI.
 *
 * @param isOwn - whether a URI names this edge
 * @spec RFC 3261 §16.4
 */
export function takeOwnRoutes(request: SipRequest, isOwn: (uri: SipUri) => boolean): Routed {
  let routed = fromStrictRouter(request, isOwn);
  for (let i = 0; i < mostOwn; i++) {
    const route = read(routed.request, field.route);
    if (!route.ok || route.value?.uri.kind !== 'sip' || !isOwn(route.value.uri)) break;
    const { user } = route.value.uri;
    const tokens = user === undefined ? routed.tokens : [...routed.tokens, user];
    routed = { request: withoutFirst(routed.request, field.route), tokens };
  }
  return routed;
}

/** A strict router put our Record-Route into the Request-URI, and the target behind all Route values. */
function fromStrictRouter(request: SipRequest, isOwn: (uri: SipUri) => boolean): Routed {
  const asCame: Routed = { request, tokens: noTokens };
  if (!request.requestUri.includes(';') || !/;lr(?:[;=]|$)/i.test(request.requestUri)) return asCame;
  const uri = parseUri(request.requestUri);
  if (!uri.ok || uri.value.kind !== 'sip' || !uri.value.parameters.has('lr') || !isOwn(uri.value)) return asCame;
  const routes = readAll(request, field.route);
  const last = routes.ok ? routes.value.at(-1) : undefined;
  if (!routes.ok || last === undefined) return asCame;
  const rest = routes.value.slice(0, -1);
  const bare = without(withRequestUri(request, serialiseUri(last.uri)), field.route);
  const { user } = uri.value;
  return {
    request: rest.reduceRight((next, route) => withTop(next, field.route, route), bare),
    tokens: user === undefined ? noTokens : [user],
  };
}
