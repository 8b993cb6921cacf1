import { conferenceInfoType } from '@parley/conference-info';
import type { Event, RawField, SipRequest } from '@parley/sip';
import { field, noParameters } from '@parley/sip';
import { dialogRequest } from '@parley/sip-stack';
import { focusContact } from './accept.ts';
import type { Subscription } from './subscription.ts';
import { secondsLeft } from './subscription.ts';
import { rateParameters } from './rates.ts';
import { conferencePackage } from './wish.ts';

/** Why a subscription ends. @spec RFC 6665 §4.1.3 */
export type EndReason = 'timeout' | 'noresource' | 'rejected';

/** What a NOTIFY tells. */
export interface Notice {
  /** The document; undefined: none is left to be shown. */
  readonly document: Uint8Array | undefined;
  /** Version of the roster in it. */
  readonly rosterVersion: number;
  /** Undefined while the subscription goes on. */
  readonly end: EndReason | undefined;
}

/**
 * The next NOTIFY of a subscription, and the subscription that has sent it.
 *
 * @param now - milliseconds since 1970
 * @spec RFC 6665 §4.2.2
 */
export function notifyRequest(
  subscription: Subscription,
  { document, rosterVersion, end }: Notice,
  now: number,
): readonly [SipRequest, Subscription] {
  const fields: readonly RawField[] = [
    focusContact(subscription.room),
    ['Event', field.event.serialise(eventOf(subscription))],
    ['Subscription-State', stateOf(subscription, end, now)],
    ...(document === undefined ? [] : [['Content-Type', conferenceInfoType] as const]),
  ];
  const [request, dialog] = dialogRequest(subscription.dialog, 'NOTIFY', { fields, body: document });
  const documentVersion = subscription.documentVersion + (document === undefined ? 0 : 1);
  return [request, { ...subscription, dialog, documentVersion, rosterVersion }];
}

function eventOf({ eventId }: Subscription): Event {
  return { package: conferencePackage, ...(eventId === '' ? {} : { id: eventId }), parameters: noParameters };
}

function stateOf(subscription: Subscription, end: EndReason | undefined, now: number): string {
  const state =
    end === undefined
      ? { state: 'active', expires: secondsLeft(subscription, now), parameters: rateParameters(subscription.rates) }
      : { state: 'terminated', reason: end, parameters: noParameters };
  return field.subscriptionState.serialise(state);
}
