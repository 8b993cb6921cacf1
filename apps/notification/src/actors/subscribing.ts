import type { Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { field, read } from '@parley/sip';
import { dialogIdOf } from '@parley/sip-stack';
import { handedOn, sipRefusal } from '../sip/sip-refusal.ts';
import { accepted, acceptInitial, acceptRefresh, acceptShared } from '../subscription/accept.ts';
import type { Request } from '../subscription/accept.ts';
import { secondsLeft } from '../subscription/subscription.ts';
import { readWish } from '../subscription/wish.ts';
import { mergedWith } from './merged.ts';
import type { SubscriptionNews } from './subscription-messages.ts';
import type { Accept } from './subscription-terms.ts';
import { answering, goOn, open, refusing } from './subscription-terms.ts';
import type { CallContext, CallSurroundings, Live, Reply, WaitingRequest } from './subscription-state.ts';

/** Takes a SUBSCRIBE: initial, within its own dialog, or within that of a participant, whom only the focus knows. */
export async function takeSubscribe(around: CallSurroundings, context: CallContext, request: Request): Promise<void> {
  const repeated = findRepeated(context, request);
  if (repeated !== undefined) {
    const { subscription } = repeated.stored;
    const expires = secondsLeft(subscription, around.clock.wallTime());
    const response = accepted(request.request, subscription.room, { expires }, subscription.dialog.localTag);
    context.reply(answering(response));
  } else if (dialogIdOf(request.request) === undefined) beginSubscription(around, context, request);
  else {
    const live = findDialog(context, request);
    const isOwn = live !== undefined && live.stored.subscription.participant === undefined;
    if (isOwn) await refreshSubscription(around, context, request, live);
    else askWhoseDialog(around, context, request);
  }
}

/** Goes on with an initial SUBSCRIBE when the focus lets its sender in. What it is to see comes with the watch. */
export async function finishSubscription(
  around: CallSurroundings,
  context: CallContext,
  { commandId, outcome }: Extract<SubscriptionNews, { kind: 'Admitted' }>,
): Promise<void> {
  const waiting = noLongerWaiting(context, commandId);
  if (waiting === undefined) return;
  const { request } = waiting;
  const admitted = outcome.ok ? outcome.value : { ok: false as const, error: unanswered };
  await open(around, context, waiting, (wish) =>
    admitted.ok
      ? acceptInitial(request, wish, around.clock.wallTime(), around.random)
      : { ok: false, error: handedOn(admitted.error) },
  );
}

/** Goes on with a SUBSCRIBE within the dialog of a participant: a new subscription in it, or the one that is there. */
export async function finishShared(
  around: CallSurroundings,
  context: CallContext,
  { commandId, outcome }: Extract<SubscriptionNews, { kind: 'Shared' }>,
): Promise<void> {
  const waiting = noLongerWaiting(context, commandId);
  if (waiting === undefined) return;
  const { request } = waiting;
  const shared = outcome.ok ? outcome.value : { ok: false as const, error: unanswered };
  const live = findDialog(context, request);
  const accept: Accept = (wish) => {
    if (!shared.ok) return { ok: false, error: handedOn(shared.error) };
    // The last NOTIFY of the one before is on its way.
    if (live === undefined && context.state.live.has(toTagOf(request))) return { ok: false, error: tooSoon };
    return acceptShared(live?.stored.subscription, request, shared.value, wish, around.clock.wallTime());
  };
  if (live === undefined) await open(around, context, waiting, accept);
  else await goOn(around, context, live, waiting, accept);
}

function beginSubscription(around: CallSurroundings, context: CallContext, request: Request): void {
  const { commandId, identity, room } = request;
  const wish = readWish(request.request, around.durations);
  const problem = !wish.ok
    ? wish.error
    : identity === ''
      ? sipRefusal(403, 'expected an authenticated sender')
      : undefined;
  if (problem !== undefined) context.reply(refusing(around, request, problem));
  else {
    const copied = mergedWith(around, context, request);
    if (!wait(context, request)) return;
    const admit = (): Promise<Result<void, Refusal>> => around.focus.admit(room, identity);
    const admitted = copied?.then((alone) => (alone.ok ? admit() : alone)) ?? admit();
    context.whenSettled(admitted, (outcome) => ({ kind: 'Admitted', commandId, outcome }));
  }
}

function askWhoseDialog(around: CallSurroundings, context: CallContext, request: Request): void {
  const { commandId } = request;
  if (!wait(context, request)) return;
  context.whenSettled(around.focus.share(request), (outcome) => ({ kind: 'Shared', commandId, outcome }));
}

/** Keeps a request until the focus has answered. @returns whether it came for the first time */
function wait(context: CallContext, request: Request): boolean {
  const { waiting } = context.state;
  const already = waiting.get(request.commandId);
  if (already === undefined) waiting.set(request.commandId, { request, replies: [context.deferReply()] });
  else already.replies.push(context.deferReply());
  return already === undefined;
}

function noLongerWaiting({ state }: CallContext, commandId: string): WaitingRequest | undefined {
  const waiting = state.waiting.get(commandId);
  state.waiting.delete(commandId);
  return waiting;
}

function refreshSubscription(
  around: CallSurroundings,
  context: CallContext,
  request: Request,
  live: Live,
): Promise<void> {
  const reply: Reply = (answer) => {
    context.reply(answer);
  };
  return goOn(around, context, live, { request, replies: [reply] }, (wish) =>
    acceptRefresh(live.stored.subscription, request, wish, around.clock.wallTime()),
  );
}

function findRepeated({ state }: CallContext, { commandId }: Request): Live | undefined {
  return [...state.live.values()].find(({ stored }) => stored.subscription.lastCommand === commandId);
}

/** One that is sending its last NOTIFY is no subscription any more. */
function findDialog({ state }: CallContext, request: Request): Live | undefined {
  const from = read(request.request, field.from);
  const live = state.live.get(toTagOf(request));
  const isPeer = live?.stored.subscription.dialog.remoteTag === ((from.ok ? from.value?.tag : undefined) ?? '');
  return isPeer && (live.delivery.state === 'Quiet' || live.delivery.state === 'Sending') ? live : undefined;
}

function toTagOf({ request }: Request): string {
  const to = read(request, field.to);
  return (to.ok ? to.value?.tag : undefined) ?? '';
}

const unanswered = refusal(503, 'Service Unavailable', 'the focus could not be asked', 5);
const tooSoon = sipRefusal(500, 'the subscription before is just ending', [['Retry-After', '1']]);
