import type { Random, Result } from '@parley/prelude';
import { ok, randomToken } from '@parley/prelude';
import type { PeerViolation } from '@parley/prelude';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo, field, noParameters, readRawAll } from '@parley/sip';
import type { Dialog } from '@parley/sip-stack';
import { createUasDialog, dialogRequest, receiveRequest, refreshTarget } from '@parley/sip-stack';
import { reginfoType } from './reginfo.ts';
import type { Wish } from './wish.ts';
import { registrationPackage } from './wish.ts';

/** Why a subscription ends. @spec RFC 6665 §4.1.3 */
export type EndReason = 'timeout' | 'deactivated' | 'noresource';

/** One who watches the bindings of an account. @spec RFC 6665 §4.2 */
export interface Subscription {
  readonly account: string;
  readonly dialog: Dialog;
  /** Flow on which the subscriber is reached. */
  readonly flow: string;
  /** Contact of ours in the dialog. */
  readonly contact: string;
  readonly eventId: string;
  /** Wall time in milliseconds. */
  readonly expiresAt: number;
  /** Version of its next document. @spec RFC 3680 §5.1 */
  readonly version: number;
}

/** A SUBSCRIBE in its surroundings. */
export interface Subscribing {
  readonly account: string;
  readonly request: SipRequest;
  readonly wish: Wish;
  readonly flow: string;
  readonly contact: string;
  readonly isSecure: boolean;
  /** Wall time in milliseconds. */
  readonly now: number;
}

/** A subscription as a SUBSCRIBE leaves it, and the answer. */
export interface Accepted {
  readonly subscription: Subscription;
  readonly response: SipResponse;
}

/** Characters of our tag, five bits each: it is what proves the dialog. */
const tagLength = 32;

/** The subscription that a SUBSCRIBE outside of a dialog makes. @spec RFC 6665 §4.2.1.1 */
export function subscribe(from: Subscribing, random: Random): Result<Accepted, PeerViolation> {
  const { account, request, wish, flow, contact, isSecure } = from;
  const response = accept(from, randomToken(random, tagLength));
  const dialog = createUasDialog(request, response, { tls: isSecure });
  if (!dialog.ok) return dialog;
  const { eventId } = wish;
  const subscription = { account, dialog: dialog.value, flow, contact, eventId, expiresAt: endOf(from), version: 0 };
  return ok({ subscription, response });
}

/**
 * The subscription after a SUBSCRIBE within its dialog.
 *
 * @returns a violation for a CSeq out of order
 * @spec RFC 6665 §4.2.1.4, RFC 3261 §12.2.2
 */
export function resubscribe(subscription: Subscription, from: Subscribing): Result<Accepted, PeerViolation> {
  const received = receiveRequest(subscription.dialog, from.request);
  if (!received.ok) return received;
  const dialog = refreshTarget(received.value, 'SUBSCRIBE', from.request);
  return ok({
    subscription: { ...subscription, dialog, flow: from.flow, expiresAt: endOf(from) },
    response: accept(from, dialog.localTag),
  });
}

/**
 * The next NOTIFY of a subscription, and the subscription that has sent it.
 *
 * @param end - undefined while it goes on
 * @spec RFC 6665 §4.2.2
 */
export function notify(
  subscription: Subscription,
  document: Uint8Array,
  end: EndReason | undefined,
  now: number,
): readonly [SipRequest, Subscription] {
  const { contact, eventId, expiresAt, version } = subscription;
  const left = Math.max(0, Math.round((expiresAt - now) / 1000));
  const state =
    end === undefined
      ? { state: 'active', expires: left, parameters: noParameters }
      : { state: 'terminated', reason: end, parameters: noParameters };
  const event = { package: registrationPackage, ...(eventId === '' ? {} : { id: eventId }), parameters: noParameters };
  const fields: readonly RawField[] = [
    ['Contact', contact],
    ['Event', field.event.serialise(event)],
    ['Subscription-State', field.subscriptionState.serialise(state)],
    ['Content-Type', reginfoType],
  ];
  const [request, dialog] = dialogRequest(subscription.dialog, 'NOTIFY', { fields, body: document });
  return [request, { ...subscription, dialog, version: version + 1 }];
}

function endOf({ now, wish }: Subscribing): number {
  return now + wish.expires * 1000;
}

function accept({ request, wish, contact }: Subscribing, toTag: string): SipResponse {
  return createResponseTo(request, 200, undefined, {
    toTag,
    fields: [
      ...readRawAll(request, 'Record-Route').map((value): RawField => ['Record-Route', value]),
      ['Contact', contact],
      ['Expires', String(wish.expires)],
      ['Allow-Events', registrationPackage],
    ],
  });
}
