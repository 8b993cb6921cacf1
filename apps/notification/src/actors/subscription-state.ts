import type { ActorContext, Ownership } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import type { notification } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { assertNever } from '@parley/prelude';
import type { EdgeClient } from '../adapters/edge-client.ts';
import type { FocusClient } from '../adapters/focus-client.ts';
import type { StoredSubscription, SubscriptionStore } from '../adapters/subscription-store.ts';
import type { NotificationEvents } from '../events.ts';
import type { DocumentPress } from '../roster/document-press.ts';
import type { Roster } from '../roster/roster.ts';
import type { View } from '../roster/view.ts';
import type { Request } from '../subscription/accept.ts';
import type { Delivery, DeliveryInput } from '../subscription/delivery.ts';
import { stepDelivery } from '../subscription/delivery.ts';
import type { EndReason } from '../subscription/notify.ts';
import { notifyRequest } from '../subscription/notify.ts';
import { longestPause, steadyHistory, withSent } from '../subscription/rates.ts';
import type { Durations } from '../subscription/wish.ts';
import { nextNotice } from './next-notice.ts';
import type { SubscriptionMessage } from './subscription-messages.ts';

/** Answers one asker. */
export type Reply = (reply: notification.NotificationReply) => void;

/** A subscription that is alive in this instance. */
export interface Live {
  stored: StoredSubscription;
  delivery: Delivery;
  /** The newest state known; undefined until the focus has shown it. */
  roster: Roster | undefined;
  /** What the subscriber has been shown; undefined: nothing that is known to have arrived, so that a full document is due. */
  shown: View | undefined;
  /** What it has been shown once the NOTIFY that is on its way is taken. */
  showing: View | undefined;
  /** What decided who may watch, when it was last looked at. */
  admission: string | undefined;
  /** When NOTIFYs were sent, on the actor's clock, as far as the agreed rates need it. */
  sentAt: readonly number[];
  /** When it was made or taken up, on the actor's clock. */
  readonly since: number;
  /** Whether the state is only fetched: it ends with the document that makes it whole. */
  readonly isFetch: boolean;
}

/** A SUBSCRIBE that waits for the focus. */
export interface WaitingRequest {
  readonly request: Request;
  readonly replies: Reply[];
}

/** What the actor of a Call-ID owns; nearly always one subscription. */
export interface CallState {
  readonly ownership: Ownership;
  /** By our tag of the dialog. */
  readonly live: Map<string, Live>;
  /** By command id. */
  readonly waiting: Map<string, WaitingRequest>;
}

/** The context of such an actor. */
export type CallContext = ActorContext<CallState, SubscriptionMessage, notification.NotificationReply>;

/** What they work with. */
export interface CallSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly durations: Durations;
  readonly press: DocumentPress;
  readonly store: SubscriptionStore;
  readonly focus: FocusClient;
  readonly edges: EdgeClient;
  readonly events: NotificationEvents;
  watch(room: string, callId: string): void;
  unwatch(room: string, callId: string): void;
}

/** Milliseconds until a NOTIFY that could not leave, as NATS was away, is tried again. */
const retryAfter = 5000;
/** Milliseconds that a fetch waits for the state. */
const fetchPatience = 10_000;

/** A subscription of which nothing has been told yet. @param isFetch - whether it ends with the first whole state */
export function newLive(stored: StoredSubscription, now: number, isFetch = false): Live {
  return {
    stored,
    delivery: { state: 'Quiet' },
    roster: undefined,
    shown: undefined,
    showing: undefined,
    admission: undefined,
    sentAt: steadyHistory(stored.subscription.rates, now),
    since: now,
    isFetch,
  };
}

/** Gives the machine of a subscription an input and does what it says. @throws StoreFailed, OwnershipLost */
export async function advance(
  around: CallSurroundings,
  context: CallContext,
  live: Live,
  input: DeliveryInput,
): Promise<void> {
  const [delivery, effects] = stepDelivery(live.delivery, input);
  live.delivery = delivery;
  for (const effect of effects) {
    switch (effect.kind) {
      case 'Send':
        await send(around, context, live, effect.end);
        break;
      case 'Retry':
        context.arm(`retry ${tagOf(live)}`, retryAfter, { kind: 'Due', tag: tagOf(live) });
        break;
      case 'Remove':
        await remove(around, context, live);
        break;
      default:
        assertNever(effect);
    }
  }
}

/** Has the actor told when a subscription runs out. */
export function armExpiry({ clock }: CallSurroundings, context: CallContext, { stored, isFetch }: Live): void {
  const { dialog, expiresAt } = stored.subscription;
  const tag = dialog.localTag;
  const left = isFetch ? fetchPatience : Math.max(0, expiresAt - clock.wallTime());
  context.arm(`expiry ${tag}`, left, { kind: 'Expired', tag });
}

/** Stores first where the numbers stored are used up, so that no two NOTIFYs of a dialog have one, whoever sends them. */
async function send(
  around: CallSurroundings,
  context: CallContext,
  live: Live,
  end: EndReason | undefined,
): Promise<void> {
  const { ownership } = context.state;
  const { subscription, revision, headroom } = live.stored;
  if (!ownership.isValid()) throw new OwnershipLost('the lease of the shard is over');
  const [notice, showing] = nextNotice(around.press, live, end);
  const [request, next] = notifyRequest(subscription, notice, around.clock.wallTime());
  live.showing = showing;
  const isDue = end === undefined && revision !== undefined && headroom === 0;
  live.stored = isDue
    ? await around.store.save(next, revision, ownership)
    : { subscription: next, revision, headroom: headroom - 1 };
  if (!ownership.isValid()) throw new OwnershipLost('the lease of the shard is over');
  around.events.notifying(next, end);
  const tag = tagOf(live);
  const { room, participant, reach } = next;
  const notified =
    participant === undefined
      ? around.edges.notify(reach, request)
      : around.focus.notify(room, participant, request, end !== undefined);
  context.whenSettled(notified, (outcome) => ({ kind: 'Notified', tag, outcome }));
  if (end === undefined) noteSent(context, live);
}

/** Has the actor told when the next NOTIFY is due though there is no news. @spec RFC 6446 §6.2, §7.2 */
function noteSent(context: CallContext, live: Live): void {
  const { rates } = live.stored.subscription;
  const now = context.clock.now();
  live.sentAt = withSent(live.sentAt, rates, now);
  const pause = longestPause(rates, live.sentAt, now);
  if (pause === undefined) context.disarm(`remind ${tagOf(live)}`);
  else context.arm(`remind ${tagOf(live)}`, pause, { kind: 'Remind', tag: tagOf(live) });
}

async function remove(around: CallSurroundings, context: CallContext, live: Live): Promise<void> {
  const { state, identity } = context;
  const tag = tagOf(live);
  const { room } = live.stored.subscription;
  for (const timer of ['expiry', 'retry', 'pace', 'remind']) context.disarm(`${timer} ${tag}`);
  state.live.delete(tag);
  await around.store.remove(live.stored, state.ownership);
  around.events.ended(live.stored.subscription);
  const isWatched = [...state.live.values()].some(({ stored }) => stored.subscription.room === room);
  if (!isWatched) around.unwatch(room, identity);
  if (state.live.size === 0 && state.waiting.size === 0) context.sleep();
}

/** Our tag of the subscription's dialog. */
export function tagOf({ stored }: Live): string {
  return stored.subscription.dialog.localTag;
}
