import type { StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { DiscardPolicy, JetStreamApiError } from '@nats-io/jetstream';
import type { StreamDefinition } from '@parley/contracts';
import type { JetStream } from './jet-stream.ts';

/** The smaller of its limit and its share; -1, as JetStream has it, where it has neither. */
export function mostOctets(
  { maxOctets = Infinity, share }: Pick<StreamDefinition, 'maxOctets' | 'share'>,
  storeOctets: number | undefined,
): number {
  const most = Math.min(maxOctets, share === undefined || storeOctets === undefined ? Infinity : storeOctets * share);
  return most === Infinity ? -1 : Math.floor(most);
}

/**
 * A limit below what a stream holds would have the server delete the oldest at once, also where it refuses what is new: what
 * was accepted keeps its room, and a quarter more for what is stored meanwhile, yet no more than it had: a full stream would grow
 * at every start.
 */
export function limitBeside(
  { state: { bytes }, config: before }: StreamInfo,
  { max_bytes = -1, discard }: Partial<StreamConfig>,
): number {
  if (max_bytes === -1 || discard !== DiscardPolicy.New) return max_bytes;
  const most = before.max_bytes > 0 ? before.max_bytes : Infinity;
  return Math.max(max_bytes, Math.min(most, Math.ceil(bytes * 1.25)));
}

/**
 * Gives what a bucket or an object store keeps in the limit that its share is now. One that the server does not grant, as
 * others have their limits still, leaves it as it is: what is kept there is needed more than the limit.
 */
export async function keepToShare(
  jetStream: JetStream,
  before: StreamInfo,
  definition: Pick<StreamDefinition, 'share'>,
): Promise<void> {
  const { name, discard, max_bytes: limit } = before.config;
  const max_bytes = limitBeside(before, { max_bytes: mostOctets(definition, jetStream.storeOctets), discard });
  if (max_bytes === limit) return;
  const { streams } = await jetStream.manager();
  await streams.update(name, { max_bytes }).catch((error: unknown) => {
    if (!(error instanceof JetStreamApiError)) throw error;
  });
}
