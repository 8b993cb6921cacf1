import { randomToken } from '@parley/prelude';
import { createResponseTo } from '@parley/sip';
import { checkRequire } from '../sip/check-request.ts';
import { acceptFields, allowField, capabilityFields, focusContact } from '../sip/focus-fields.ts';
import { listFields } from '../sip/recipient-list.ts';
import { refuse, sipRefusal } from '../sip/sip-refusal.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import type { Invitation } from './invitation.ts';
import type { Room } from './room.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * A request outside of any dialog, other than INVITE: OPTIONS tells what the room can do.
 *
 * @spec RFC 3261 §11.2, RFC 4579 §5.13 (a conference-aware UA learns of a focus by OPTIONS)
 */
export function decideOutsideDialog(
  room: Room | undefined,
  { request }: Invitation,
  { random }: Surroundings,
): Decision {
  if (request.method === 'ACK') return unchanged(room, done);
  const answer = (response: ReturnType<typeof createResponseTo>): Decision =>
    unchanged(room, { kind: 'sip', response });
  const tag = randomToken(random, 26);
  if (request.method === 'BYE' || request.method === 'UPDATE')
    return answer(refuse(request, sipRefusal(481, 'no such dialog'), tag));
  if (request.method !== 'OPTIONS') {
    return answer(refuse(request, sipRefusal(405, `no ${request.method} to a room`, [allowField]), tag));
  }
  const required = checkRequire(request);
  if (!required.ok) return answer(refuse(request, required.error, tag));
  if (room === undefined) return answer(refuse(request, sipRefusal(404, 'no such room'), tag));
  const fields = [focusContact(room.uri), ...capabilityFields, ...acceptFields, ...listFields];
  return answer(createResponseTo(request, 200, undefined, { toTag: tag, fields }));
}
