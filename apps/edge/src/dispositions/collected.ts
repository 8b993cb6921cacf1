import type { AskedMessage, Imdn } from '@parley/imdn';
import { answeredBy, imdnsOf, serialiseImdn, wantsSummary } from '@parley/imdn';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { wrappedIn } from '../mailbox/content.ts';
import { isProtected } from '../plain-only/protection.ts';

/** A notification on its way to the sender of a message. */
export interface PassingNotification {
  readonly imdn: Imdn & Required<Pick<Imdn, 'disposition'>>;
  /** Whether it is signed or encrypted, so that nothing can be taken out of it. */
  readonly isProtected: boolean;
}

/** Types of which a message wants a summary. */
export function summarisedBy({ requests }: AskedMessage): readonly string[] {
  return requests.filter(wantsSummary).map(({ type }) => type);
}

/** The one notification that a request carries in CPIM; undefined for anything else, a summary too. */
export function notificationIn(request: SipRequest, inflate: Inflate): PassingNotification | undefined {
  const cpim = wrappedIn(request, nodeBytes, inflate);
  const imdns = cpim && imdnsOf(cpim.content, nodeBytes);
  if (cpim === undefined || imdns?.ok !== true) return undefined;
  const [imdn, ...others] = imdns.value;
  if (imdn?.disposition === undefined || others.length > 0) return undefined;
  return { imdn: { ...imdn, disposition: imdn.disposition }, isProtected: isProtected(cpim.content, nodeBytes) };
}

/** The request that a notification answers. */
export function typeOf({ disposition }: PassingNotification['imdn']): string {
  return answeredBy(disposition);
}

/**
 * Octets of a payload for a summary: it says whose it is, which clients leave to the message around it; or nothing of that,
 * where the members of a list are hidden.
 *
 * @param recipient - URI of who notifies
 * @param now - stands in for the time of the message where the notification does not say it
 * @spec RFC 5438 §8.3, §14.2
 */
export function payloadOf(imdn: PassingNotification['imdn'], recipient: string | undefined, now: string): Uint8Array {
  const { recipientUri: _, originalRecipientUri: __, note: ___, ...anonymous } = imdn;
  const named = recipient === undefined ? anonymous : { ...imdn, recipientUri: imdn.recipientUri ?? recipient };
  const uris = recipient === undefined ? {} : { originalRecipientUri: imdn.originalRecipientUri ?? recipient };
  return serialiseImdn({ ...named, ...uris, dateTime: imdn.dateTime ?? now }, nodeBytes);
}
