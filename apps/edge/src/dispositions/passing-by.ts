import { serialiseCpim } from '@parley/cpim';
import { isNotification, passedOn } from '@parley/imdn';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { without, withRawField, withRequestUri } from '@parley/sip';
import type { ListRefusal } from '../lists/list-refusal.ts';
import { withContent } from '../lists/content.ts';
import type { Inflate } from '../mailbox/content.ts';
import { mediaTypeOf, wrappedIn } from '../mailbox/content.ts';

/**
 * A notification that came to a list, as it goes on: to the next of its IMDN-Route, else to whom its CPIM To names. It is no
 * message for the members.
 *
 * @param isOwn - whether a URI is an address of the list service
 * @returns undefined for what is no notification
 * @spec RFC 5438 §8
 */
export function passingBy(
  request: SipRequest,
  isOwn: (uri: string) => boolean,
  inflate: Inflate,
): Result<SipRequest, ListRefusal> | undefined {
  if (mediaTypeOf(request) !== 'message/cpim') return undefined;
  const cpim = wrappedIn(request, nodeBytes, inflate);
  if (cpim === undefined || !isNotification(cpim, nodeBytes)) return undefined;
  const routed = passedOn(cpim, isOwn, nodeBytes);
  if (!routed.ok) return err({ status: 400, message: `the notification: ${routed.error.message}` });
  if (routed.value === undefined) return err(forNobody);
  const { message, next } = routed.value;
  const plain = without(request, { name: 'Content-Encoding' });
  const body = serialiseCpim(message, nodeBytes);
  const onward = withRequestUri(withContent(plain, { fields: [['Content-Type', 'message/cpim']], body }), next.uri);
  return ok(withRawField(onward, 'To', `<${next.uri}>`));
}

const forNobody: ListRefusal = {
  status: 403,
  message: 'a notification is for the sender of a message, not for a list',
};
