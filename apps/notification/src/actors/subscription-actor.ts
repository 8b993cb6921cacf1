import type { ActorKind, Ownership } from '@parley/actor';
import { restartThenStop } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import type { notification } from '@parley/contracts';
import { subscribeOf } from '../adapters/subscribe-message.ts';
import type { Notified } from '../adapters/edge-client.ts';
import type { Roster } from '../roster/roster.ts';
import { renew, settle, tellAll } from './renew.ts';
import { finishShared, finishSubscription, takeSubscribe } from './subscribing.ts';
import type { SubscriptionMessage, SubscriptionNews } from './subscription-messages.ts';
import { advance, armExpiry, newLive, tagOf } from './subscription-state.ts';
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
      // Whether the last document arrived is not known: what is told next is the whole state, when the room is shown.
      const live = found.map((stored) => newLive(stored, around.clock.now()));
      for (const { stored } of live) around.events.takenUp(stored.subscription);
      return { ownership, live: new Map(live.map((one) => [tagOf(one), one])), waiting: new Map() };
    },
    started(context) {
      for (const live of context.state.live.values()) {
        armExpiry(around, context, live);
        around.watch(live.stored.subscription.room, context.identity);
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
    case 'Admitted':
      return finishSubscription(around, context, news);
    case 'Shared':
      return finishShared(around, context, news);
    case 'Roster':
      return rosterNews(around, context, news.roster);
    case 'RoomGone':
      return endAll(around, context, news.room);
    case 'Notified':
      return one(context, news.tag, (live) => settle(around, context, live, notifiedOf(news.outcome)));
    case 'Expired':
      return one(context, news.tag, (live) => advance(around, context, live, { kind: 'End', reason: 'timeout' }));
    case 'Due':
      return one(context, news.tag, (live) => renew(around, context, live));
    case 'Remind':
      return one(context, news.tag, (live) => tellAll(around, context, live));
    case 'Readmitted': {
      const isOut = news.outcome.ok && !news.outcome.value.ok && news.outcome.value.error.status === 403;
      if (!isOut) return undefined;
      return one(context, news.tag, (live) => advance(around, context, live, { kind: 'End', reason: 'rejected' }));
    }
  }
}

async function one(context: CallContext, tag: string, act: (live: Live) => Promise<void>): Promise<void> {
  const live = context.state.live.get(tag);
  if (live !== undefined) await act(live);
}

async function rosterNews(around: CallSurroundings, context: CallContext, roster: Roster): Promise<void> {
  for (const live of [...context.state.live.values()]) {
    if (live.stored.subscription.room !== roster.room) continue;
    live.roster = roster;
    askAgain(around, context, live, roster);
    await renew(around, context, live);
  }
}

/** Who may watch has changed: the focus decides whether this subscriber still may. */
function askAgain(around: CallSurroundings, context: CallContext, live: Live, { admission, room }: Roster): void {
  const isChanged = live.admission !== undefined && live.admission !== admission;
  live.admission = admission;
  if (!isChanged) return;
  const tag = tagOf(live);
  context.whenSettled(around.focus.admit(room, live.stored.subscription.identity), (outcome) => ({
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

function notifiedOf(outcome: Extract<SubscriptionNews, { kind: 'Notified' }>['outcome']): Notified {
  return outcome.ok ? outcome.value : { outcome: 'failed' };
}
