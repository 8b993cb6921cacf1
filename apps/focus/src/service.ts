import { ActorSystem, shardOf } from '@parley/actor';
import type { Ownership, Placement, PlacementObserver } from '@parley/actor';
import type { Bus } from '@parley/bus';
import {
  actorObserver,
  answerCensus,
  leaseState,
  placementObserver,
  serveShards,
  ShardScan,
  stored,
  StoreFailed,
} from '@parley/bus';
import { groupQueue, groupSubject, rpc } from '@parley/contracts';
import type { RunningService, ServiceContext } from '@parley/service';
import { AccountsClient } from './adapters/accounts-client.ts';
import { EdgeClient } from './adapters/edge-client.ts';
import { NicknameClient } from './adapters/nickname-client.ts';
import { RemovedAccounts } from './adapters/removed-accounts.ts';
import { listRooms } from './adapters/room-list.ts';
import { roomBuckets } from './adapters/stored-room.ts';
import { SwitchClient } from './adapters/switch-client.ts';
import { CallQuota } from './actors/call-quota.ts';
import { HeldRooms } from './actors/held-rooms.ts';
import { roomKind } from './actors/room-actor.ts';
import type { RoomMessage } from './actors/room-messages.ts';
import type { RoomSurroundings } from './actors/room-state.ts';
import { switchMonitorKind } from './actors/switch-monitor.ts';
import { focusEvents } from './events.ts';
import { focusLoggers } from './logger.ts';
import { msrpKind } from './media/msrp-kind.ts';
import { defaultPolicy } from './room/policy.ts';
import { focusTelemetry } from './telemetry.ts';

/** Name of the service in subjects, logs and metrics. */
export const serviceName = 'focus';

/** Ways to take part in rooms. */
const kinds = [msrpKind];

/** Rooms that are read at the same time, when shards are taken over or all of them hear something. */
const takeOverWidth = 32;

/** Puts the service together on a bus that is connected. */
export function startFocus(context: ServiceContext, bus: Bus): RunningService {
  const { clock, random, instance, settings } = context;
  const defaults = defaultPolicy(settings.msrpMaxSize);
  const events = focusEvents(focusTelemetry(context), focusLoggers(context));
  const buckets = roomBuckets(bus);
  const switches = new SwitchClient(bus, clock, random, settings.publicHost);
  const system = new ActorSystem({ clock, observer: actorObserver(context) });
  const monitors = system.register(
    switchMonitorKind({
      probe: (name) => switches.probe(name),
      gone(name, uris) {
        events.switchGone(name, uris.length);
        for (const uri of uris) {
          if (placement.isValid(shardOf(uri))) rooms.tell(uri, { kind: 'SwitchGone', instance: name });
        }
      },
    }),
  );
  const held = new HeldRooms();
  const around: RoomSurroundings = {
    bus,
    switches,
    edges: new EdgeClient(bus, clock, random),
    accounts: new AccountsClient(bus, clock, random),
    held,
    quota: new CallQuota(),
    nicknames: new NicknameClient(bus, clock, random, settings.chatDomain),
    events,
    buckets,
    clock,
    surroundings: () => ({
      chatDomain: settings.chatDomain,
      domain: settings.domain,
      publicHost: settings.publicHost,
      dialect: settings.chatDialect,
      roomCreate: settings.roomCreate,
      defaults,
      kinds,
      random,
      now: clock.wallTime(),
    }),
    watch: (name, room) => void monitors.tell(name, { kind: 'Watch', room }),
    unwatch: (name, room) => void monitors.tell(name, { kind: 'Unwatch', room }),
  };
  const rooms = system.register(roomKind(around, (uri) => placement.ownership(shardOf(uri))));
  const scan = new ShardScan(buckets.rooms);
  const removedAccounts = new RemovedAccounts(bus, clock, settings.domain, (removed) => {
    const uris = held.all();
    events.accountRemoved(uris.length);
    askAll(uris, { kind: 'AccountsRemoved', removed }).catch(() => {
      events.effectFailed('all', 'AccountsRemoved');
    });
  });
  const placement: Placement = serveShards({
    bus,
    clock,
    service: serviceName,
    instance,
    rpc: rpc.focus,
    identityOf: ({ room }) => room,
    actors: rooms,
    observer: forgettingObserver(),
    lease: settings.lease,
    acquired: (ownership) => takeOver(ownership),
  });

  /**
   * Reads every room of the shard under the new epoch, so that nothing the last owner still writes can succeed, and lets
   * those leave whose accounts went while nobody heard of it.
   */
  async function takeOver({ shard }: Ownership): Promise<void> {
    const uris = stored(await scan.identitiesOf(shard));
    await askAll(uris, { kind: 'TakeUp' });
    const removed = await removedAccounts.all();
    const busy = held.all().filter((uri) => shardOf(uri) === shard);
    if (removed.size > 0) await askAll(busy, { kind: 'AccountsRemoved', removed });
  }

  /** Gives news to rooms, which may have to be read first, some at a time. */
  async function askAll(uris: readonly string[], news: RoomMessage): Promise<void> {
    for (let at = 0; at < uris.length; at += takeOverWidth) {
      const asked = uris.slice(at, at + takeOverWidth).map((uri) => rooms.ask(uri, news));
      for (const answer of await Promise.all(asked)) if (!answer.ok) throw new StoreFailed(answer.error);
    }
  }

  function forgettingObserver(): PlacementObserver {
    const observer = placementObserver(context);
    return {
      ...observer,
      lost(shard, epoch, reason) {
        events.roomsReleased((uri) => shardOf(uri) === shard);
        held.forget((uri) => shardOf(uri) === shard);
        observer.lost(shard, epoch, reason);
      },
    };
  }

  const list = bus.serve(
    groupSubject('focus', 'rooms'),
    rpc.rooms,
    async (question) => {
      return stored(await listRooms(buckets, question));
    },
    { queue: groupQueue('focus') },
  );
  context.health.check('lease', leaseState(placement));
  const census = answerCensus(bus, context, { service: serviceName });
  return {
    async drain() {
      await placement.drain();
      await system.drain();
    },
    async [Symbol.asyncDispose]() {
      await placement.drain();
      await list.stop();
      removedAccounts[Symbol.dispose]();
      await census.stop();
      await bus.drain();
    },
  };
}
