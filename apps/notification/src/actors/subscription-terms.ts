import type { notification } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { serialise } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse } from '../sip/sip-refusal.ts';
import type { Accepted, Request } from '../subscription/accept.ts';
import type { Wish } from '../subscription/wish.ts';
import { readWish } from '../subscription/wish.ts';
import { tellAll } from './renew.ts';
import { advance, armExpiry, newLive } from './subscription-state.ts';
import type { CallContext, CallSurroundings, Live, WaitingRequest } from './subscription-state.ts';

/** Characters of a tag: five bits each, 130 in all. */
const tagLength = 26;

/** What a SUBSCRIBE becomes, by what it wants. */
export type Accept = (wish: Wish) => Result<Accepted, SipRefusal>;

/** Makes a new subscription, or refuses it. */
export async function open(
  around: CallSurroundings,
  context: CallContext,
  { request, replies }: WaitingRequest,
  accept: Accept,
): Promise<void> {
  const { state, identity } = context;
  const wish = readWish(request.request, around.durations);
  const made = wish.ok ? accept(wish.value) : wish;
  if (!wish.ok || !made.ok) {
    if (!made.ok) refuseAll(around, { request, replies }, made.error);
    return;
  }
  const { subscription, response } = made.value;
  const isFetch = wish.value.expires === 0;
  const stored = isFetch
    ? { subscription, revision: undefined, headroom: 0 }
    : await around.store.save(subscription, undefined, state.ownership);
  for (const reply of replies) reply(answering(response));
  const live = newLive(stored, around.clock.now(), isFetch);
  state.live.set(subscription.dialog.localTag, live);
  around.events.subscribed(subscription);
  armExpiry(around, context, live);
  around.watch(subscription.room, identity);
}

/** Goes on with a subscription under the terms of a new SUBSCRIBE, or ends it; refuses what cannot be. */
export async function goOn(
  around: CallSurroundings,
  context: CallContext,
  live: Live,
  { request, replies }: WaitingRequest,
  accept: Accept,
): Promise<void> {
  const wish = readWish(request.request, around.durations);
  const made = wish.ok ? accept(wish.value) : wish;
  if (!wish.ok || !made.ok) {
    if (!made.ok) refuseAll(around, { request, replies }, made.error);
    return;
  }
  const { subscription, response } = made.value;
  live.stored = await around.store.save(subscription, live.stored.revision, context.state.ownership);
  for (const reply of replies) reply(answering(response));
  if (wish.value.expires === 0) await advance(around, context, live, { kind: 'End', reason: 'timeout' });
  else {
    armExpiry(around, context, live);
    await tellAll(around, context, live);
  }
}

function refuseAll(around: CallSurroundings, { request, replies }: WaitingRequest, why: SipRefusal): void {
  for (const reply of replies) reply(refusing(around, request, why));
}

/** The answer that refuses a SUBSCRIBE. */
export function refusing(
  { random, events }: CallSurroundings,
  { request, room }: Request,
  why: SipRefusal,
): notification.NotificationReply {
  events.refused(room, why);
  return answering(refuse(request, why, randomToken(random, tagLength)));
}

/** A response on its way to the edge. */
export function answering(response: SipResponse): notification.NotificationReply {
  return { outcome: { kind: 'sip', value: { response: serialise(response, nodeBytes) } } };
}
