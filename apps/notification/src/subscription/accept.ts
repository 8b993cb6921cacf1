import type { Random, Result } from '@parley/prelude';
import { err, ok, randomToken } from '@parley/prelude';
import { createResponseTo, equalUris, field, read, readRawAll } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { createUasDialog, receiveRequest, refreshTarget } from '@parley/sip-stack';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import type { Reach, Subscription } from './subscription.ts';
import type { Wish } from './wish.ts';
import { conferencePackage } from './wish.ts';

/** A SUBSCRIBE, as an edge vouches for it. */
export interface Request {
  readonly commandId: string;
  /** Conference URI. */
  readonly room: string;
  readonly request: SipRequest;
  /** Authenticated address-of-record; empty within a dialog, whose tags prove the sender. */
  readonly identity: string;
  readonly reach: Reach;
  readonly isSecure: boolean;
}

/** A subscription as a SUBSCRIBE leaves it, and what the subscriber is told. */
export interface Accepted {
  readonly subscription: Subscription;
  readonly response: SipResponse;
}

/** Characters of a tag: five bits each, 130 in all. */
const tagLength = 26;

/**
 * The subscription of a SUBSCRIBE outside of a dialog.
 *
 * @param now - milliseconds since 1970
 * @spec RFC 6665 §4.2.1.1
 */
export function acceptInitial(from: Request, wish: Wish, now: number, random: Random): Result<Accepted, SipRefusal> {
  const { request, room, identity, reach, commandId } = from;
  const response = accepted(request, room, wish, randomToken(random, tagLength));
  const dialog = createUasDialog(request, response, { tls: from.isSecure });
  if (!dialog.ok) return err(sipRefusal(dialog.error.status, dialog.error.message));
  const subscription: Subscription = {
    room,
    identity,
    dialog: dialog.value,
    participant: undefined,
    reach,
    eventId: wish.eventId,
    rates: wish.rates,
    expiresAt: now + wish.expires * 1000,
    documentVersion: 0,
    rosterVersion: 0,
    lastCommand: commandId,
  };
  return ok({ subscription, response });
}

/**
 * The subscription after a SUBSCRIBE within its dialog: refreshed, or at its end with `Expires: 0`.
 *
 * @returns 403 for another's From, 500 for an old CSeq, 481 for another `id`
 * @spec RFC 6665 §4.2.1.4, RFC 3261 §12.2.2
 */
export function acceptRefresh(
  subscription: Subscription,
  { request, reach, commandId }: Request,
  wish: Wish,
  now: number,
): Result<Accepted, SipRefusal> {
  if (!isFromSubscriber(subscription, request)) return err(sipRefusal(403, 'expected the From of the dialog'));
  const dialog = receiveRequest(subscription.dialog, request);
  if (!dialog.ok) return err(sipRefusal(dialog.error.status, dialog.error.message));
  if (wish.eventId !== subscription.eventId) return err(sipRefusal(481, 'no subscription of this id in the dialog'));
  return ok({
    subscription: {
      ...subscription,
      dialog: refreshTarget(dialog.value, request.method, request),
      reach,
      rates: wish.rates,
      expiresAt: now + wish.expires * 1000,
      lastCommand: commandId,
    },
    response: accepted(request, subscription.room, wish, subscription.dialog.localTag),
  });
}

/** Whose dialog a SUBSCRIBE came in, as the focus knows it. */
export interface Sharer {
  readonly participant: string;
  readonly identity: string;
}

/**
 * The subscription of a SUBSCRIBE within the dialog of a participant, which the focus has taken into that dialog.
 *
 * @param before - the subscription that has been in it so far; there is at most one
 * @returns 481 for another `id`
 * @spec RFC 6665 §4.5.2
 */
export function acceptShared(
  before: Subscription | undefined,
  from: Request,
  { participant, identity }: Sharer,
  wish: Wish,
  now: number,
): Result<Accepted, SipRefusal> {
  if (before !== undefined && wish.eventId !== before.eventId) {
    return err(sipRefusal(481, 'no subscription of this id in the dialog'));
  }
  const { request, room, reach, commandId: lastCommand, isSecure } = from;
  const response = accepted(request, room, wish, '');
  const dialog = createUasDialog(request, response, { tls: isSecure });
  if (!dialog.ok) return err(sipRefusal(dialog.error.status, dialog.error.message));
  const { rates, eventId } = wish;
  const { documentVersion, rosterVersion } = before ?? { documentVersion: 0, rosterVersion: 0 };
  const expiresAt = now + wish.expires * 1000;
  const terms = { reach, rates, eventId, expiresAt, documentVersion, rosterVersion, lastCommand };
  return ok({ subscription: { room, identity, participant, dialog: dialog.value, ...terms }, response });
}

/** The 200 to a SUBSCRIBE. @param tag - ours, put into To where the request has none */
export function accepted(
  request: SipRequest,
  room: string,
  { expires }: Pick<Wish, 'expires'>,
  tag: string,
): SipResponse {
  const routes = readRawAll(request, 'Record-Route').map((value): RawField => ['Record-Route', value]);
  return createResponseTo(request, 200, undefined, {
    toTag: tag,
    fields: [...routes, focusContact(room), ['Expires', String(expires)], ['Allow-Events', conferencePackage]],
  });
}

/** Contact of a room: its focus is the notifier of its conference package. @spec RFC 4575 §3, RFC 4579 §4 */
export function focusContact(room: string): RawField {
  return ['Contact', `<${room}>;isfocus`];
}

function isFromSubscriber({ dialog }: Subscription, request: SipRequest): boolean {
  const from = read(request, field.from);
  const peer = field.from.parse(dialog.remoteAddress);
  return from.ok && from.value !== undefined && peer.ok && equalUris(from.value.uri, peer.value.uri);
}
