import type { ActorObserver, PlacementObserver } from '@parley/actor';
import type { ServiceContext } from '@parley/service';

/** Logs and counts what goes wrong among the actors of a service. */
export function actorObserver({ logger, metrics }: ServiceContext): ActorObserver {
  const crashes = metrics.counter('actor_crashes_total', 'actors that failed', ['kind', 'phase']);
  const deadLetters = metrics.counter('actor_dead_letters_total', 'messages that no actor took', ['kind', 'reason']);
  return {
    crashed({ kind, identity, phase, error, directive }) {
      crashes.inc({ kind, phase });
      logger.error({ err: error, kind, identity, phase, directive }, 'actor failed');
    },
    deadLetter({ kind, identity, reason }) {
      deadLetters.inc({ kind, reason });
      logger.warn({ kind, identity, reason }, 'message reached nobody');
    },
  };
}

/** Logs which shards come and go, and counts them. */
export function placementObserver({ logger, metrics }: ServiceContext): PlacementObserver {
  const changes = metrics.counter('shards_total', 'shards that came and went', ['event']);
  return {
    acquired({ shard, epoch }) {
      changes.inc({ event: 'acquired' });
      logger.debug({ shard, epoch }, 'shard acquired');
    },
    lost(shard, epoch, reason) {
      changes.inc({ event: 'lost' });
      logger.debug({ shard, epoch, reason }, 'shard lost');
    },
    storeFailed(failure) {
      logger.warn({ failure: failure.message }, 'lease store did not answer');
    },
    hookFailed(hook, shard, error) {
      logger.error({ err: error, hook, shard }, 'takeover failed');
    },
  };
}
