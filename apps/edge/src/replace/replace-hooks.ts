import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { mediaTypeOf } from '../mailbox/content.ts';
import type { DeliveryHooks } from '../mailbox/delivery-hooks.ts';
import { amendmentOf, mayAmend } from './amendment.ts';
import { plainForm, replaceTag } from './plain-form.ts';

/** What the hooks are made with. */
export interface ReplaceHooksOptions {
  /** The others in turn: what they do to a message is done to what is left of it. */
  readonly next: DeliveryHooks;
  /** Whether a device said that it supports an extension. */
  readonly supports: (account: string, device: string, tag: string) => boolean;
}

/**
 * Devices that did not say that they can replace and recall get a replacement as a plain new message, and no recall.
 *
 * @spec docs/specs/replace-message.md §8.3
 */
export function replaceHooks({ next, supports }: ReplaceHooksOptions): DeliveryHooks {
  return {
    contentFor: (account, device, request) => {
      if (!mayAmend(request, nodeBytes) || supports(account, device, replaceTag))
        return next.contentFor(account, device, request);
      return isRecall(request) ? undefined : next.contentFor(account, device, plainForm(request, nodeBytes));
    },
    instead: (account, device, sent, response) => next.instead(account, device, sent, response),
    became: (account, request, fate) =>
      fate.kind === 'adapted' && isSameContent(request, fate.sent) ? undefined : next.became(account, request, fate),
  };
}

function isRecall(request: SipRequest): boolean {
  const amendment = amendmentOf(request, nodeBytes);
  return amendment.ok && amendment.value?.action === 'recall';
}

/** Whether a device got the content itself: then it can tell by itself what it was asked. */
function isSameContent(request: SipRequest, sent: SipRequest): boolean {
  return mayAmend(request, nodeBytes) && mediaTypeOf(request) === mediaTypeOf(sent);
}
