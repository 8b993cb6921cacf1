import type { notification } from '@parley/contracts';
import { randomToken, refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { field, read, serialise } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { dialogIdOf } from '@parley/sip-stack';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { handedOn, refuse, sipRefusal } from '../sip/sip-refusal.ts';
import { accepted, acceptInitial, acceptRefresh } from '../subscription/accept.ts';
import type { Request } from '../subscription/accept.ts';
import { secondsLeft } from '../subscription/subscription.ts';
import { readWish } from '../subscription/wish.ts';
import type { SubscriptionNews } from './subscription-messages.ts';
import { tellAll } from './renew.ts';
import { advance, armExpiry, newLive } from './subscription-state.ts';
import type { CallContext, CallSurroundings, Live, WaitingRequest } from './subscription-state.ts';

/** Characters of a tag: five bits each, 130 in all. */
const tagLength = 26;

/** Takes a SUBSCRIBE, initial or within a dialog. */
export async function takeSubscribe(around: CallSurroundings, context: CallContext, request: Request): Promise<void> {
  const repeated = findRepeated(context, request);
  if (repeated !== undefined) {
    const { subscription } = repeated.stored;
    const expires = secondsLeft(subscription, around.clock.wallTime());
    const response = accepted(request.request, subscription.room, { expires }, subscription.dialog.localTag);
    context.reply(answering(response));
  } else if (dialogIdOf(request.request) === undefined) beginSubscription(around, context, request);
  else await refreshSubscription(around, context, request);
}

/** Goes on with an initial SUBSCRIBE when the focus lets its sender in. What it is to see comes with the watch. */
export async function finishSubscription(
  around: CallSurroundings,
  context: CallContext,
  { commandId, outcome }: Extract<SubscriptionNews, { kind: 'Admitted' }>,
): Promise<void> {
  const { state, identity } = context;
  const waiting = state.waiting.get(commandId);
  if (waiting === undefined) return;
  state.waiting.delete(commandId);
  const admitted = outcome.ok ? outcome.value : { ok: false as const, error: unanswered };
  if (!admitted.ok) {
    refuseAll(around, waiting, handedOn(admitted.error));
    return;
  }
  const { request, wish } = waiting;
  const made = acceptInitial(request, wish, around.clock.wallTime(), around.random);
  if (!made.ok) {
    refuseAll(around, waiting, made.error);
    return;
  }
  const { subscription, response } = made.value;
  const isFetch = wish.expires === 0;
  const stored = isFetch
    ? { subscription, revision: undefined, headroom: 0 }
    : await around.store.save(subscription, undefined, state.ownership);
  for (const reply of waiting.replies) reply(answering(response));
  const live = newLive(stored, around.clock.now(), isFetch);
  state.live.set(subscription.dialog.localTag, live);
  around.events.subscribed(subscription);
  armExpiry(around, context, live);
  around.watch(subscription.room, identity);
}

function beginSubscription(around: CallSurroundings, context: CallContext, request: Request): void {
  const { waiting } = context.state;
  const { commandId, identity, room } = request;
  const already = waiting.get(commandId);
  if (already !== undefined) {
    already.replies.push(context.deferReply());
    return;
  }
  const wish = readWish(request.request, around.durations);
  const problem = !wish.ok
    ? wish.error
    : identity === ''
      ? sipRefusal(403, 'expected an authenticated sender')
      : undefined;
  if (!wish.ok || problem !== undefined) {
    if (problem !== undefined) context.reply(refusing(around, request, problem));
    return;
  }
  waiting.set(commandId, { request, wish: wish.value, replies: [context.deferReply()] });
  context.whenSettled(around.focus.admit(room, identity), (outcome) => ({ kind: 'Admitted', commandId, outcome }));
}

async function refreshSubscription(around: CallSurroundings, context: CallContext, request: Request): Promise<void> {
  const live = findDialog(context, request);
  if (live === undefined) {
    context.reply(refusing(around, request, sipRefusal(481, 'no such subscription')));
    return;
  }
  const wish = readWish(request.request, around.durations);
  const made = wish.ok ? acceptRefresh(live.stored.subscription, request, wish.value, around.clock.wallTime()) : wish;
  if (!wish.ok || !made.ok) {
    if (!made.ok) context.reply(refusing(around, request, made.error));
    return;
  }
  const { subscription, response } = made.value;
  live.stored = await around.store.save(subscription, live.stored.revision, context.state.ownership);
  context.reply(answering(response));
  if (wish.value.expires === 0) await advance(around, context, live, { kind: 'End', reason: 'timeout' });
  else {
    armExpiry(around, context, live);
    await tellAll(around, context, live);
  }
}

function findRepeated({ state }: CallContext, { commandId }: Request): Live | undefined {
  return [...state.live.values()].find(({ stored }) => stored.subscription.lastCommand === commandId);
}

/** One that is sending its last NOTIFY is no subscription any more. */
function findDialog({ state }: CallContext, { request }: Request): Live | undefined {
  const to = read(request, field.to);
  const from = read(request, field.from);
  const live = state.live.get((to.ok ? to.value?.tag : undefined) ?? '');
  const isPeer = live?.stored.subscription.dialog.remoteTag === ((from.ok ? from.value?.tag : undefined) ?? '');
  return isPeer && (live.delivery.state === 'Quiet' || live.delivery.state === 'Sending') ? live : undefined;
}

function refuseAll(around: CallSurroundings, { request, replies }: WaitingRequest, why: SipRefusal): void {
  for (const reply of replies) reply(refusing(around, request, why));
}

function refusing(
  { random, events }: CallSurroundings,
  { request, room }: Request,
  why: SipRefusal,
): notification.NotificationReply {
  events.refused(room, why);
  return answering(refuse(request, why, randomToken(random, tagLength)));
}

function answering(response: SipResponse): notification.NotificationReply {
  return { outcome: { kind: 'sip', value: { response: serialise(response, nodeBytes) } } };
}

const unanswered = refusal(503, 'Service Unavailable', 'the focus could not be asked', 5);
