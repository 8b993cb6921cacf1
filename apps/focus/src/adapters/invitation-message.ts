import type { common } from '@parley/contracts';
import type { ParseError, PeerViolation, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { StreamTransport } from '../media/offer.ts';
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
  byFactory = false,
): Result<Invitation, ParseError | PeerViolation> {
  const message = parseSipMessage(ingress.request.slice(), { codec: nodeBytes });
  if (!message.ok) return err(message.error);
  if (message.value.kind !== 'request') return err(parseError('Request', 0, 'RFC 3261 §7.1', 'expected a request'));
  const request = message.value;
  const checked = checkRequest(request);
  if (!checked.ok) return checked;
  const { identity, alias = '', edgeInstance, flow } = ingress;
  const transport = ingress.transport.toUpperCase();
  const isSecure = secure.has(transport);
  return ok({
    // Edges make ids of what clients write: nobody gets the answer to another's by his words.
    commandId: identity === '' ? commandId : `${identity} ${commandId}`,
    request,
    identity,
    alias,
    reach: { edgeInstance, flow },
    isSecure,
    transport: mediaTransport(transport),
    byFactory,
  });
}

/** How media are offered to a device behind such a connection: who comes by WebSocket can do nothing else. @spec RFC 7977 §5.2 */
export function mediaTransport(transport: string): StreamTransport {
  if (transport === 'WSS') return { scheme: 'msrps', transport: 'ws' };
  return { scheme: 'msrp', transport: transport === 'WS' ? 'ws' : 'tcp' };
}
