import { ActorSystem, shardOf } from '@parley/actor';
import type { Ownership, Placement, PlacementObserver } from '@parley/actor';
import type { Bus } from '@parley/bus';
import {
  actorObserver,
  answerCensus,
  placementObserver,
  serveShards,
  ShardScan,
  stored,
  StoreFailed,
} from '@parley/bus';
import { groupQueue, groupSubject, rpc } from '@parley/contracts';
import type { RunningService, ServiceContext } from '@parley/service';
import { EdgeClient } from './adapters/edge-client.ts';
import { NicknameClient } from './adapters/nickname-client.ts';
import { listRooms } from './adapters/room-list.ts';
import { roomBuckets } from './adapters/stored-room.ts';
import { SwitchClient } from './adapters/switch-client.ts';
import { roomKind } from './actors/room-actor.ts';
import type { RoomSurroundings } from './actors/room-state.ts';
import { switchMonitorKind } from './actors/switch-monitor.ts';
import { focusEvents } from './events.ts';
import { focusLoggers } from './logger.ts';
import { defaultPolicy } from './room/policy.ts';
import { focusTelemetry } from './telemetry.ts';

/** Name of the service in subjects, logs and metrics. */
export const serviceName = 'focus';

/** Rooms that are read at the same time when shards are taken over. */
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
  const around: RoomSurroundings = {
    bus,
    switches,
    edges: new EdgeClient(bus, clock, random),
    nicknames: new NicknameClient(bus, clock, random, settings.chatDomain),
    events,
    buckets,
    surroundings: () => ({
      chatDomain: settings.chatDomain,
      domain: settings.domain,
      publicHost: settings.publicHost,
      dialect: settings.chatDialect,
      roomCreate: settings.roomCreate,
      defaults,
      random,
      now: clock.wallTime(),
    }),
    watch: (name, room) => void monitors.tell(name, { kind: 'Watch', room }),
    unwatch: (name, room) => void monitors.tell(name, { kind: 'Unwatch', room }),
  };
  const rooms = system.register(roomKind(around, (uri) => placement.ownership(shardOf(uri))));
  const scan = new ShardScan(buckets.rooms);
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

  /** Reads every room of the shard under the new epoch, so that nothing the last owner still writes can succeed. */
  async function takeOver({ shard }: Ownership): Promise<void> {
    const uris = stored(await scan.identitiesOf(shard));
    for (let at = 0; at < uris.length; at += takeOverWidth) {
      const asked = uris.slice(at, at + takeOverWidth).map((uri) => rooms.ask(uri, { kind: 'TakeUp' }));
      for (const answer of await Promise.all(asked)) if (!answer.ok) throw new StoreFailed(answer.error);
    }
  }

  function forgettingObserver(): PlacementObserver {
    const observer = placementObserver(context);
    return {
      ...observer,
      lost(shard, epoch, reason) {
        events.roomsReleased((uri) => shardOf(uri) === shard);
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
  const census = answerCensus(bus, context, { service: serviceName });
  return {
    async drain() {
      await placement.drain();
      await system.drain();
    },
    async [Symbol.asyncDispose]() {
      await placement.drain();
      await list.stop();
      await census.stop();
      await bus.drain();
    },
  };
}
