import { createResponseTo } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { capabilityFields, focusContact, recordRoutes } from '../sip/focus-fields.ts';
import type { RoomUri } from './room-uri.ts';

/** What a 2xx to an INVITE has beyond its request. */
export interface Acceptance {
  /** Empty: there is none. */
  readonly sdp: Uint8Array;
  /** Ours, put into To where the request has none. */
  readonly tag: string;
  /** What else was agreed. */
  readonly fields: readonly RawField[];
}

/**
 * The 200 to an INVITE, initial or within the dialog.
 *
 * @spec RFC 3261 §12.1.1, §13.3.1.4; RFC 4579 §4 (isfocus)
 */
export function acceptedInvite(uri: RoomUri, request: SipRequest, { sdp, tag, fields }: Acceptance): SipResponse {
  const type: readonly RawField[] = sdp.length === 0 ? [] : [['Content-Type', 'application/sdp']];
  return createResponseTo(request, 200, undefined, {
    toTag: tag,
    fields: [...recordRoutes(request), focusContact(uri), ...capabilityFields, ...fields, ...type],
    body: sdp,
  });
}
