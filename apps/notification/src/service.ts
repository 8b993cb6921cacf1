import { ActorSystem, shardOf } from '@parley/actor';
import type { Ownership, Placement, PlacementObserver } from '@parley/actor';
import type { Bus } from '@parley/bus';
import {
  actorObserver,
  answerCensus,
  leaseState,
  placementObserver,
  rawBytes,
  serveShards,
  ShardScan,
  stored,
  StoreFailed,
} from '@parley/bus';
import { allRoomEvents, focus, groupSubject, parseSubject, rpc } from '@parley/contracts';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { RunningService, ServiceContext } from '@parley/service';
import { ownReceipts } from './actors/receipt-shards.ts';
import { rosterKind } from './actors/roster-actor.ts';
import { subscriptionKind } from './actors/subscription-actor.ts';
import { EdgeClient } from './adapters/edge-client.ts';
import { FocusClient } from './adapters/focus-client.ts';
import { rosterChangeOf } from './adapters/roster-message.ts';
import { SubscriptionStore } from './adapters/subscription-store.ts';
import { notificationEvents } from './events.ts';
import { DocumentPress } from './roster/document-press.ts';
import { durations } from './subscription/wish.ts';
import { notificationTelemetry } from './telemetry.ts';

/** Name of the service in subjects, logs and metrics. */
export const serviceName = 'notification';

/** Milliseconds that an edge may take to store a summary. */
const deliveryPatience = 10_000;

/** Call-IDs that are read at the same time when shards are taken over. */
const takeOverWidth = 32;

/** The room whose roster an event is about: those that nobody here watches are not decoded. */
function roomOfEvent(subject: string): string | undefined {
  const parsed = parseSubject(subject);
  return parsed.ok && parsed.value.kind === 'roomEvent' ? parsed.value.room : undefined;
}

/** Puts the service together on a bus that is connected. */
export function startNotification(context: ServiceContext, bus: Bus): RunningService {
  const { clock, random, instance, settings } = context;
  const telemetry = notificationTelemetry(context);
  const events = notificationEvents(telemetry, context);
  const placing = placementObserver(context);
  const store = new SubscriptionStore(bus);
  const focuses = new FocusClient({ bus, clock, random });
  const system = new ActorSystem({ clock, observer: actorObserver(context) });
  const rosters = system.register(
    rosterKind({
      show: (room) => focuses.show(room),
      tell: (callId, word) => void subscriptions.tell(callId, word),
    }),
  );
  const around = {
    clock,
    random,
    store,
    events,
    durations: durations(settings.minExpires),
    press: new DocumentPress(nodeBytes),
    focus: focuses,
    edges: new EdgeClient(bus, clock, random),
    watch: (room: string, callId: string) => void rosters.tell(room, { kind: 'Watch', callId }),
    unwatch: (room: string, callId: string) => void rosters.tell(room, { kind: 'Unwatch', callId }),
  };
  const subscriptions = system.register(subscriptionKind(around, (callId) => placement.ownership(shardOf(callId))));
  const scan = new ShardScan(store.bucket);
  const placement: Placement = serveShards({
    bus,
    clock,
    service: serviceName,
    instance,
    rpc: rpc.notification,
    identityOf: ({ callId }) => callId,
    actors: subscriptions,
    observer: forgettingObserver(),
    lease: settings.lease,
    acquired: (ownership) => takeOver(ownership),
  });

  /** Wakes every subscription of the shard under the new epoch: they have timers to keep and news to tell. */
  async function takeOver({ shard }: Ownership): Promise<void> {
    const callIds = stored(await scan.identitiesOf(shard));
    for (let at = 0; at < callIds.length; at += takeOverWidth) {
      const asked = callIds.slice(at, at + takeOverWidth).map((id) => subscriptions.ask(id, { kind: 'TakeUp' }));
      for (const answer of await Promise.all(asked)) if (!answer.ok) throw new StoreFailed(answer.error);
    }
  }

  function forgettingObserver(): PlacementObserver {
    return {
      ...placing,
      lost(shard, epoch, reason) {
        events.releasedWhere((callId) => shardOf(callId) === shard);
        placing.lost(shard, epoch, reason);
      },
    };
  }

  const receipts = ownReceipts({
    bus,
    clock,
    observer: placing,
    life: `${instance}-${randomToken(random, 8)}`,
    lease: settings.lease,
    summarised: (notifications) => {
      telemetry.summary(notifications);
    },
    stuck: (error) => {
      events.summaryStuck(error);
    },
    deliver: async (account, request) => {
      const deadline = clock.now() + deliveryPatience;
      const subject = groupSubject('edge', 'deliveries');
      const reply = await bus.request(subject, rpc.deliveries, { account, request }, { deadline });
      return reply.ok && reply.value.stored;
    },
  });
  const news = bus.subscribe(allRoomEvents, rawBytes, (bytes, { subject }) => {
    const room = roomOfEvent(subject);
    if (room === undefined || !rosters.has(room)) return;
    const change = focus.RosterChanged.decode(bytes);
    if (change.ok) rosters.tell(room, { kind: 'Changed', change: rosterChangeOf(change.value) });
    else rosters.tell(room, { kind: 'Look' });
  });
  context.health.check('lease', leaseState(placement, receipts));
  const census = answerCensus(bus, context, { service: serviceName });
  return {
    async drain() {
      await receipts.drain();
      await placement.drain();
      await system.drain();
    },
    async [Symbol.asyncDispose]() {
      await receipts[Symbol.asyncDispose]();
      await placement.drain();
      await news.stop();
      await census.stop();
      await bus.drain();
    },
  };
}
