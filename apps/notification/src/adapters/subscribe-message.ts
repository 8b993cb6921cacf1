import type { notification } from '@parley/contracts';
import type { ParseError, PeerViolation, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { checkRequest, parseSipMessage } from '@parley/sip';
import type { Request } from '../subscription/accept.ts';

const secure = new Set(['TLS', 'WSS']);

/**
 * The SUBSCRIBE that an edge hands over; its bytes are copied, as what the dialog keeps of them outlives the message.
 *
 * @returns an error when it is no SUBSCRIBE that any notifier could answer: the edge checks that first
 */
export function subscribeOf(
  commandId: string,
  { room, sip }: notification.SubscribeToRoom,
): Result<Request, ParseError | PeerViolation> {
  const message = parseSipMessage(sip?.request.slice() ?? new Uint8Array(0), { codec: nodeBytes });
  if (!message.ok) return message;
  const request = message.value;
  if (sip === undefined || request.kind !== 'request' || request.method !== 'SUBSCRIBE') {
    return err(parseError('Request', 0, 'RFC 6665 §3.1', 'expected a SUBSCRIBE'));
  }
  const checked = checkRequest(request);
  if (!checked.ok) return checked;
  const { identity, edgeInstance, flow, transport } = sip;
  const isSecure = secure.has(transport.toUpperCase());
  return ok({
    // Edges make ids of what clients write: nobody gets the answer to another's by his words.
    commandId: identity === '' ? commandId : `${identity} ${commandId}`,
    room,
    request,
    identity,
    reach: { edgeInstance, flow, byDatagram: transport.toUpperCase() === 'UDP' },
    isSecure,
  });
}
