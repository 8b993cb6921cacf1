import { readRawAll } from '@parley/sip';
import type { RawField, SipRequest } from '@parley/sip';
import type { RoomUri } from '../room/room-uri.ts';

const methods = 'INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, REFER, SUBSCRIBE';

/** Feature tags of a chat room's focus, as RFC 3840 §9 spells those of Figure 7. @spec RFC 4579 §4, RFC 7701 §9.1 */
const featureTags = `;methods="${methods.replaceAll(', ', ',')}";automata;isfocus;message;events="conference"`;

/** Contact of the focus: the conference URI itself. @spec RFC 4579 §5.1 */
export function focusContact(uri: RoomUri): RawField {
  return ['Contact', `<${uri}>${featureTags}`];
}

/** What a focus can do, in every 2xx and in answer to OPTIONS. @spec RFC 3261 §11.2, §13.3.1.4 */
export const capabilityFields: readonly RawField[] = [
  ['Allow', methods],
  ['Supported', 'timer, norefersub'],
  ['Allow-Events', 'conference'],
];

/** What bodies it reads. @spec RFC 3261 §11.2 */
export const acceptFields: readonly RawField[] = [
  ['Accept', 'application/sdp'],
  ['Accept-Encoding', 'identity'],
  ['Accept-Language', 'en'],
];

/** Methods that a room's URI takes, for a 405. @spec RFC 3261 §21.4.6 */
export const allowField: RawField = ['Allow', methods];

/** The route back, copied into a response that makes a dialog. @spec RFC 3261 §12.1.1 */
export function recordRoutes(request: SipRequest): readonly RawField[] {
  return readRawAll(request, 'Record-Route').map((value) => ['Record-Route', value]);
}
