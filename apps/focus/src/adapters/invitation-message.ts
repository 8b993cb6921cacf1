import type { common } from '@parley/contracts';
import type { ParseError, PeerViolation, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { checkRequest, parseSipMessage } from '@parley/sip';
import type { Invitation } from '../room/invitation.ts';

const secure = new Set(['TLS', 'WSS']);

/**
 * The request that an edge hands over; its bytes are copied, as the room may keep the body for as long as the dialog.
 *
 * @returns an error when it is no request that any UAS could answer: the edge checks that first
 */
export function invitationOf(
  commandId: string,
  ingress: common.SipIngress,
): Result<Invitation, ParseError | PeerViolation> {
  const message = parseSipMessage(ingress.request.slice(), { codec: nodeBytes });
  if (!message.ok) return err(message.error);
  if (message.value.kind !== 'request') return err(parseError('Request', 0, 'RFC 3261 §7.1', 'expected a request'));
  const request = message.value;
  const checked = checkRequest(request);
  if (!checked.ok) return checked;
  const { identity, edgeInstance, flow, transport } = ingress;
  return ok({
    commandId,
    request,
    identity,
    reach: { edgeInstance, flow },
    isSecure: secure.has(transport.toUpperCase()),
  });
}
