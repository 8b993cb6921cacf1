import { err, ok, peerViolation } from '@parley/prelude';
import type { PeerViolation, Result } from '@parley/prelude';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sip';
import { uacRouteSet } from './create-dialog.ts';
import type { Dialog } from './dialog.ts';
import { contactUri, partiesOf } from './parties.ts';

/** Methods whose Contact moves the remote target. @spec RFC 3261 §12.2, RFC 3311 §5.1, RFC 6665 §4.4.1, RFC 3515 §2.4.4 */
const targetRefresh: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/**
 * Takes a request of the peer into the dialog: its number counts whether it is then accepted or not. What it does to
 * the remote target is for {@link refreshTarget}, once it is accepted.
 *
 * @returns a violation (500) when the number is lower than that of an earlier request
 * @spec RFC 3261 §12.2.2
 */
export function receiveRequest(dialog: Dialog, request: SipRequest): Result<Dialog, PeerViolation> {
  if (request.method === 'ACK' || request.method === 'CANCEL') return ok(dialog);
  const parties = partiesOf(request);
  if (!parties.ok) return parties;
  const { sequence } = parties.value;
  if (dialog.remoteSequence !== undefined && sequence < dialog.remoteSequence) {
    return err(
      peerViolation(500, 'RFC 3261 §12.2.2', `expected a CSeq of at least ${dialog.remoteSequence}, got ${sequence}`),
    );
  }
  return ok({ ...dialog, remoteSequence: sequence });
}

/**
 * The dialog after a target refresh request was accepted, by us or by the peer: its Contact is the remote target. The
 * route set stays.
 *
 * @param method - of the request
 * @param message - the request of the peer, or its 2xx to ours
 * @spec RFC 3261 §12.2.1.2, §12.2.2
 */
export function refreshTarget(dialog: Dialog, method: string, message: SipMessage): Dialog {
  const remoteTarget = targetRefresh.has(method) ? contactUri(message) : undefined;
  return remoteTarget === undefined ? dialog : { ...dialog, remoteTarget };
}

/**
 * Early dialog after the 2xx with its tag: confirmed, with the route set and target of the 2xx.
 *
 * @returns a violation when the Record-Route cannot be read
 * @spec RFC 3261 §13.2.2.4
 */
export function confirmUacDialog(dialog: Dialog, response: SipResponse): Result<Dialog, PeerViolation> {
  const routeSet = uacRouteSet(response);
  if (!routeSet.ok) return routeSet;
  const remoteTarget = contactUri(response) ?? dialog.remoteTarget;
  return ok({ ...dialog, state: 'confirmed', routeSet: routeSet.value, remoteTarget });
}
