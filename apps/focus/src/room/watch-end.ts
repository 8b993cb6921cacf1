import type { RawField } from '@parley/sip';
import type { Dialog } from '@parley/sip-stack';
import { dialogRequest } from '@parley/sip-stack';
import { focusContact } from '../sip/focus-fields.ts';
import type { Effect } from './decision.ts';
import type { Participant } from './participant.ts';
import type { RoomUri } from './room-uri.ts';

/** The last NOTIFY of a subscription whose dialog ends with its participant, and the dialog behind it. @spec RFC 5057 §5.1 */
export function endWatch(uri: RoomUri, { dialog, reach, watch }: Participant): readonly [readonly Effect[], Dialog] {
  if (watch === undefined) return [[], dialog];
  const fields: readonly RawField[] = [
    focusContact(uri),
    ['Event', watch],
    ['Subscription-State', 'terminated;reason=noresource'],
  ];
  const [request, after] = dialogRequest(dialog, 'NOTIFY', { fields });
  return [[{ kind: 'SendRequest', reach, request }], after];
}
