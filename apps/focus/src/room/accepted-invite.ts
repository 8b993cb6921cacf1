import { createResponseTo } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { capabilityFields, focusContact, recordRoutes } from '../sip/focus-fields.ts';
import type { RoomUri } from './room-uri.ts';

/**
 * The 200 to an INVITE, initial or within the dialog.
 *
 * @param tag - ours, put into To where the request has none
 * @spec RFC 3261 §12.1.1, §13.3.1.4; RFC 4579 §4 (isfocus)
 */
export function acceptedInvite(uri: RoomUri, request: SipRequest, sdp: Uint8Array, tag: string): SipResponse {
  return createResponseTo(request, 200, undefined, {
    toTag: tag,
    fields: [...recordRoutes(request), focusContact(uri), ...capabilityFields, ['Content-Type', 'application/sdp']],
    body: sdp,
  });
}
