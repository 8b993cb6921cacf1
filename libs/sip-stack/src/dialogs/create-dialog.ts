import { err, ok, peerViolation } from '@parley/prelude';
import type { PeerViolation, Result } from '@parley/prelude';
import { field, readAll } from '@parley/sip';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';
import type { Dialog } from './dialog.ts';
import { addressOf, contactUri, partiesOf } from './parties.ts';

/** How the message that made the dialog travelled. */
export interface DialogOrigin {
  /** Whether it went over TLS, which a secure dialog needs besides a sips Request-URI. */
  readonly tls?: boolean;
}

function routesOf(message: SipMessage): Result<readonly string[], PeerViolation> {
  const routes = readAll(message, field.recordRoute);
  if (!routes.ok) return err(peerViolation(400, 'RFC 3261 §12.1', 'expected a readable Record-Route'));
  return ok(routes.value.map((value) => field.recordRoute.serialise(value)));
}

/** Route set of a UAC: the Record-Routes of the response, last first. @spec RFC 3261 §12.1.2 */
export function uacRouteSet(response: SipResponse): Result<readonly string[], PeerViolation> {
  const routes = routesOf(response);
  return routes.ok ? ok(routes.value.toReversed()) : routes;
}

function isSecure(request: SipRequest, origin: DialogOrigin): boolean {
  return origin.tls === true && /^sips:/i.test(request.requestUri);
}

/**
 * Dialog of the one who sent the request, from its response of 101 to 299.
 *
 * @returns a violation when the response cannot be read or makes no dialog
 * @spec RFC 3261 §12.1.2
 * @deviation a response without Contact, as many a 180 is, leaves the Request-URI as the remote target
 */
export function createUacDialog(
  request: SipRequest,
  response: SipResponse,
  origin: DialogOrigin = {},
): Result<Dialog, PeerViolation> {
  const parties = partiesOf(response);
  if (!parties.ok) return parties;
  const routeSet = uacRouteSet(response);
  if (!routeSet.ok) return routeSet;
  const { callId, from, to, sequence } = parties.value;
  const state = stateAfter(response, to.tag);
  if (state === undefined) return noDialog(response.statusCode);
  return ok({
    state,
    callId,
    localTag: from.tag ?? '',
    remoteTag: to.tag ?? '',
    localAddress: addressOf(from),
    remoteAddress: addressOf(to),
    remoteTarget: contactUri(response) ?? request.requestUri,
    routeSet: routeSet.value,
    localSequence: sequence,
    secure: isSecure(request, origin),
  });
}

/**
 * Dialog of the one who answers the request with a response of 101 to 299 and a To tag. A NOTIFY that came before the
 * answer to its SUBSCRIBE makes one in the same way, with the SUBSCRIBE's CSeq number to be set as `localSequence`.
 *
 * @returns a violation (400) when the request cannot be read or has no Contact
 * @spec RFC 3261 §12.1.1, RFC 6665 §4.4.1
 */
export function createUasDialog(
  request: SipRequest,
  response: SipResponse,
  origin: DialogOrigin = {},
): Result<Dialog, PeerViolation> {
  const parties = partiesOf(request);
  if (!parties.ok) return parties;
  const answered = partiesOf(response);
  if (!answered.ok) return answered;
  const routeSet = routesOf(request);
  if (!routeSet.ok) return routeSet;
  const remoteTarget = contactUri(request);
  if (remoteTarget === undefined) return err(peerViolation(400, 'RFC 3261 §12.1.1', 'expected a Contact'));
  const state = stateAfter(response, answered.value.to.tag);
  if (state === undefined) return noDialog(response.statusCode);
  const { callId, from, to, sequence } = parties.value;
  return ok({
    state,
    callId,
    localTag: answered.value.to.tag ?? '',
    remoteTag: from.tag ?? '',
    localAddress: addressOf(to),
    remoteAddress: addressOf(from),
    remoteTarget,
    routeSet: routeSet.value,
    remoteSequence: sequence,
    secure: isSecure(request, origin),
  });
}

/** A provisional response without a To tag makes no dialog; a 2xx always does. */
function stateAfter(response: SipResponse, tag: string | undefined): Dialog['state'] | undefined {
  if (response.statusCode >= 300 || response.statusCode === 100) return undefined;
  if (response.statusCode >= 200) return 'confirmed';
  return tag === undefined ? undefined : 'early';
}

function noDialog(status: number): Result<never, PeerViolation> {
  return err(peerViolation(500, 'RFC 3261 §12.1', `expected a response that makes a dialog, got ${status}`));
}
