import type { Actors, Ownership, Placement, PlacementObserver } from '@parley/actor';
import { placementRules, Placement as LeasedPlacement, shardOf } from '@parley/actor';
import type { Rpc, ShardedService } from '@parley/contracts';
import { shardSubject } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { Bus, RequestContext, Subscription } from './bus.ts';
import { declined } from './bus.ts';
import { leaseStore } from './lease-store.ts';

/** A command as it reaches its actor, with the right to act on it. */
export interface ShardCommand<Question> {
  readonly question: Question;
  /** To be asked before every effect. */
  readonly ownership: Ownership;
  /** When the asker gives up, on the clock of the bus. */
  readonly deadline: number;
  /** W3C trace context of the asker. */
  readonly trace: string | undefined;
}

/** What {@link serveShards} is built from. */
export interface ShardedActorsOptions<Question, Answer> {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly service: ShardedService;
  /** Unique per start of the process. */
  readonly instance: string;
  readonly rpc: Rpc<Question, Answer>;
  /** Whose command this is; its hash is the shard. */
  readonly identityOf: (question: Question) => string;
  readonly actors: Actors<ShardCommand<Question>, Answer>;
  readonly observer: PlacementObserver;
  /** Milliseconds that a lease lasts. */
  readonly lease?: number;
  /** Once a shard is ours and before its commands come, e.g. to wake what must act by itself. */
  readonly acquired?: (ownership: Ownership) => void | Promise<void>;
}

/**
 * Places the actors of a service in a cluster: owns its share of the shards, hears the subject of each, and hands each
 * command to the actor that it names. A command that this instance may not, or cannot, carry out is declined, so
 * that the asker tries again until its deadline.
 *
 * @returns the placement; draining it hands the shards over
 */
export function serveShards<Question, Answer>(options: ShardedActorsOptions<Question, Answer>): Placement {
  const { bus, clock, service, instance, actors, observer, lease } = options;
  const subscriptions = new Map<number, Subscription>();
  return new LeasedPlacement({
    rules: placementRules(service, instance, lease),
    store: leaseStore(bus),
    clock,
    observer,
    hooks: {
      onAcquired: async (ownership) => {
        await options.acquired?.(ownership);
        subscriptions.set(ownership.shard, serveShard(options, ownership));
      },
      onLost: async (shard) => {
        await subscriptions.get(shard)?.stop();
        subscriptions.delete(shard);
        await actors.stopWhere((identity) => shardOf(identity) === shard);
      },
    },
  });
}

function serveShard<Question, Answer>(
  options: ShardedActorsOptions<Question, Answer>,
  ownership: Ownership,
): Subscription {
  const { bus, clock, service, rpc, identityOf, actors } = options;
  const handle = async (question: Question, { deadline, trace }: RequestContext): Promise<Answer | typeof declined> => {
    const identity = identityOf(question);
    if (!ownership.isValid() || shardOf(identity) !== ownership.shard) return declined;
    const command = { question, ownership, deadline, trace };
    const answer = await actors.ask(identity, command, Math.max(1, deadline - clock.now()));
    return answer.ok ? answer.value : declined;
  };
  return bus.serve(shardSubject(service, ownership.shard), rpc, handle);
}
