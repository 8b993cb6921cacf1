import type { AskedMessage, FateImdn } from '@parley/imdn';
import { imdnsOf, tellsFate, wantsSummary } from '@parley/imdn';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { wrappedIn } from '../mailbox/content.ts';
import { isProtected } from '../plain-only/protection.ts';

/** A notification on its way to the sender of a message. */
export interface PassingNotification {
  readonly imdn: FateImdn;
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
  if (imdn === undefined || !tellsFate(imdn) || others.length > 0) return undefined;
  return { imdn, isProtected: isProtected(cpim.content, nodeBytes) };
}
