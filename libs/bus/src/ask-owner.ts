import { shardOf } from '@parley/actor';
import type { Rpc, ShardedService } from '@parley/contracts';
import { shardSubject } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import type { Bus, RequestOptions } from './bus.ts';
import type { BusFailure } from './bus-failure.ts';

/** Milliseconds after which the owner of a shard is asked again: many times what it needs, a fraction of what askers wait. */
const again = 2_000;

/** Subject of whoever owns the actor that has an identity, e.g. the room of a conference URI. */
export function ownerSubject(service: ShardedService, identity: string): string {
  return shardSubject(service, shardOf(identity));
}

/**
 * Asks the owner of an identity. One that is killed takes what it was asked with it: the same command is asked again, of
 * its successor, and the id in it sees to it that it is carried out once.
 *
 * @returns the first answer by the deadline, to whichever question
 */
export function askOwner<Question, Answer>(
  bus: Pick<Bus, 'request'>,
  service: ShardedService,
  identity: string,
  rpc: Rpc<Question, Answer>,
  command: Question,
  options: Omit<RequestOptions, 'again'>,
): Promise<Result<Answer, BusFailure>> {
  return bus.request(ownerSubject(service, identity), rpc, command, { ...options, again });
}
