import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { mayHaveHistory, withoutHistory } from './without-history.ts';
import type { DeliveryHooks } from '../mailbox/delivery-hooks.ts';

/** Devices that are remembered to want no multipart bodies, at most; the oldest are asked again. */
const mostRemembered = 100_000;

/** User agents that answer 200 to a multipart message and show nothing of it: liblinphone, in chats of two (seen with 5.1). */
const silent = /linphone|belle-sip/i;

/** What the hooks are made with. */
export interface HistoryHooksOptions {
  /** The others in turn: what they do to a message is done to what is left of it. */
  readonly next: DeliveryHooks;
  /** User-Agent that a device last registered with. */
  readonly userAgentOf: (account: string, device: string) => string;
}

/**
 * Devices that cannot take the history of a list get the message alone: those that answered 415 to it, then and from then
 * on, and those that are known for it.
 *
 * @spec RFC 5364 §7, RFC 3261 §21.4.13
 */
export function historyHooks({ next, userAgentOf }: HistoryHooksOptions): DeliveryHooks {
  const plain = new Set<string>();
  const isPlain = (account: string, device: string): boolean =>
    plain.has(`${account} ${device}`) || silent.test(userAgentOf(account, device));
  const bareFor = (account: string, device: string, request: SipRequest): SipRequest =>
    isPlain(account, device) ? (withoutHistory(request, nodeBytes) ?? request) : request;
  return {
    contentFor: (account, device, request) =>
      next.contentFor(account, device, mayHaveHistory(request) ? bareFor(account, device, request) : request),
    instead: (account, device, sent, response) => {
      const bare = response.statusCode === 415 && mayHaveHistory(sent) ? withoutHistory(sent, nodeBytes) : undefined;
      if (bare === undefined) return next.instead(account, device, sent, response);
      plain.add(`${account} ${device}`);
      const [oldest] = plain;
      if (plain.size > mostRemembered && oldest !== undefined) plain.delete(oldest);
      return next.instead(account, device, bare, response) ?? bare;
    },
    became: (account, request, fate) => next.became(account, request, fate),
  };
}
