import type { ActorKind, Ownership } from '@parley/actor';
import { restartThenStop } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import type { notification } from '@parley/contracts';
import { subscribeOf } from '../adapters/subscribe-message.ts';
import type { Notified } from '../adapters/edge-client.ts';
import type { Roster } from '../roster/roster.ts';
import type { DeliveryInput } from '../subscription/delivery.ts';
import { finishSubscription, takeSubscribe } from './subscribing.ts';
import type { SubscriptionMessage, SubscriptionNews } from './subscription-messages.ts';
import { advance, armExpiry, tagOf } from './subscription-state.ts';
import type { CallContext, CallState, CallSurroundings, Live } from './subscription-state.ts';

/** Milliseconds without a message after which an actor without a subscription leaves memory. */
const idleAfter = 60_000;

type Kind = ActorKind<CallState, SubscriptionMessage, notification.NotificationReply>;

/**
 * The actor that owns the subscriptions of one Call-ID.
 *
 * @param ownershipOf - the right to act for a Call-ID, as placement has it now
 */
export function subscriptionKind(
  around: CallSurroundings,
  ownershipOf: (callId: string) => Ownership | undefined,
): Kind {
  return {
    name: 'subscription',
    idleAfter,
    supervision: {
      ...restartThenStop,
      decide: (error) => (error instanceof OwnershipLost ? 'stop' : 'restart'),
    },
    async load(callId) {
      const ownership = ownershipOf(callId);
      if (!ownership?.isValid()) throw new OwnershipLost('the shard is not ours');
      const found = await around.store.takeUp(callId, ownership);
      const live = found.map((stored): Live => {
        // Whether the last document arrived is not known: the first roster heard is news.
        const subscription = { ...stored.subscription, rosterVersion: 0 };
        around.events.takenUp(subscription);
        return {
          stored: { ...stored, subscription },
          delivery: { state: 'Quiet' },
          roster: undefined,
          admission: undefined,
        };
      });
      return { ownership, live: new Map(live.map((one) => [tagOf(one), one])), waiting: new Map() };
    },
    started(context) {
      for (const { stored } of context.state.live.values()) {
        armExpiry(around, context, stored.subscription);
        around.watch(stored.subscription.room, context.identity);
      }
    },
    receive(context, message) {
      if (!('question' in message)) return takeNews(around, context, message);
      const { command, commandId } = message.question;
      const request = command === undefined ? undefined : subscribeOf(commandId, command.value);
      if (request?.ok) return takeSubscribe(around, context, request.value);
      context.reply({ outcome: { kind: 'refusal', value: unreadable } });
      return undefined;
    },
  };
}

const unreadable = { status: 400, phrase: 'Bad Request', message: 'expected a SUBSCRIBE', retryAfter: 0 };

function takeNews(around: CallSurroundings, context: CallContext, news: SubscriptionNews): void | Promise<void> {
  switch (news.kind) {
    case 'TakeUp':
      context.reply({ outcome: undefined });
      return undefined;
    case 'Shown':
      return finishSubscription(around, context, news);
    case 'Roster':
      return rosterNews(around, context, news.roster);
    case 'RoomGone':
      return endAll(around, context, news.room);
    case 'Notified':
      return one(around, context, news.tag, { kind: 'Settled', outcome: outcomeOf(news.outcome) });
    case 'Expired':
      return one(around, context, news.tag, { kind: 'End', reason: 'timeout' });
    case 'Retry':
      return one(around, context, news.tag, { kind: 'News' });
    case 'Readmitted': {
      const isOut = news.outcome.ok && !news.outcome.value.ok && news.outcome.value.error.status === 403;
      return isOut ? one(around, context, news.tag, { kind: 'End', reason: 'rejected' }) : undefined;
    }
  }
}

async function one(around: CallSurroundings, context: CallContext, tag: string, input: DeliveryInput): Promise<void> {
  const live = context.state.live.get(tag);
  if (live === undefined) return;
  if (input.kind === 'Settled') around.events.notified(input.outcome);
  await advance(around, context, live, input);
}

async function rosterNews(around: CallSurroundings, context: CallContext, roster: Roster): Promise<void> {
  for (const live of [...context.state.live.values()]) {
    const { subscription } = live.stored;
    if (subscription.room !== roster.room) continue;
    live.roster = roster;
    askAgain(around, context, live, roster);
    if (subscription.rosterVersion !== roster.version) await advance(around, context, live, { kind: 'News' });
  }
}

/** Who may watch has changed: the focus decides whether this subscriber still may. */
function askAgain(around: CallSurroundings, context: CallContext, live: Live, { admission, room }: Roster): void {
  const isChanged = live.admission !== undefined && live.admission !== admission;
  live.admission = admission;
  if (!isChanged) return;
  const tag = tagOf(live);
  context.whenSettled(around.focus.show(room, live.stored.subscription.identity), (outcome) => ({
    kind: 'Readmitted',
    tag,
    outcome,
  }));
}

async function endAll(around: CallSurroundings, context: CallContext, room: string): Promise<void> {
  for (const live of [...context.state.live.values()]) {
    if (live.stored.subscription.room !== room) continue;
    await advance(around, context, live, { kind: 'End', reason: 'noresource' });
  }
}

function outcomeOf(outcome: Extract<SubscriptionNews, { kind: 'Notified' }>['outcome']): Notified {
  return outcome.ok ? outcome.value : 'failed';
}
