import type { SeqMsgRequest, NextMsgRequest, LastForMsgRequest, StreamConfig } from '@nats-io/jetstream';
import { DiscardPolicy, JetStreamApiError, PubHeaders, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { StreamDefinition } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import type { Headers, RawMessage, RawStream } from '../link.ts';
import type { Appended, AppendOptions } from '../message-stream.ts';
import type { JetStream } from './jet-stream.ts';
import { OpenedOnce } from './opened-once.ts';

/** Code of the server for a name that is taken by a stream of another configuration. */
const streamNameInUse = 10058;
/** Code of the server for a sequence that holds no message (any more). */
const sequenceNotFound = 10043;

/** A stream of JetStream. */
export class NatsStream implements RawStream {
  readonly #jetStream: JetStream;
  readonly #definition: StreamDefinition;
  readonly #opened: OpenedOnce;

  constructor(jetStream: JetStream, definition: StreamDefinition) {
    this.#jetStream = jetStream;
    this.#definition = definition;
    this.#opened = new OpenedOnce(jetStream, () => this.#open());
  }

  async append(subject: string, data: Uint8Array, options: AppendOptions): Promise<Result<Appended, BusFailure>> {
    const opened = await this.#opened.open();
    if (!opened.ok) return opened;
    const stored = await this.#jetStream.write(subject, data, this.#headers(options));
    if (!stored.ok) return stored;
    return ok(
      stored.value.kind === 'stored'
        ? { outcome: 'appended', sequence: stored.value.sequence }
        : { outcome: 'conflict' },
    );
  }

  next(subject: string, from: number): Promise<Result<RawMessage | undefined, BusFailure>> {
    return this.#get({ seq: Math.max(1, from), next_by_subj: subject });
  }

  last(subject: string): Promise<Result<RawMessage | undefined, BusFailure>> {
    return this.#get({ last_by_subj: subject });
  }

  purge(subject: string, before: number | undefined): Promise<Result<number, BusFailure>> {
    return this.#opened.attempt(async () => {
      const manager = await this.#jetStream.manager();
      const range = before === undefined ? {} : { seq: before };
      const purged = await manager.streams.purge(this.#definition.name, { filter: subject, ...range });
      return purged.purged;
    });
  }

  remove(sequence: number): Promise<Result<boolean, BusFailure>> {
    return this.#opened.attempt(async () => {
      const manager = await this.#jetStream.manager();
      try {
        return await manager.streams.deleteMessage(this.#definition.name, sequence, false);
      } catch (error) {
        if (error instanceof JetStreamApiError && error.code === sequenceNotFound) return false;
        throw error;
      }
    });
  }

  #headers({ expectLast, messageId }: AppendOptions): Headers {
    const headers: [string, string][] = [[PubHeaders.ExpectedStreamHdr, this.#definition.name]];
    if (messageId !== undefined) headers.push([PubHeaders.MsgIdHdr, messageId]);
    if (expectLast !== undefined) headers.push([PubHeaders.ExpectedLastSubjectSequenceHdr, String(expectLast)]);
    return headers;
  }

  #get(
    query: (SeqMsgRequest & NextMsgRequest) | LastForMsgRequest,
  ): Promise<Result<RawMessage | undefined, BusFailure>> {
    return this.#opened.attempt(async () => {
      const manager = await this.#jetStream.manager();
      const found = await manager.streams.getMessage(this.#definition.name, query);
      if (found === null) return undefined;
      return { subject: found.subject, sequence: found.seq, storedAt: found.time.getTime(), data: found.data };
    });
  }

  async #open(): Promise<void> {
    const { streams } = await this.#jetStream.manager();
    const config = streamConfig(this.#definition, this.#jetStream.replicas);
    try {
      await streams.add(config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== streamNameInUse) throw error;
      await streams.update(config.name, config);
    }
  }
}

function streamConfig(definition: StreamDefinition, replicas: number): Partial<StreamConfig> & { name: string } {
  return {
    name: definition.name,
    description: definition.description,
    subjects: [...definition.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    max_age: nanos(definition.maxAge ?? 0),
    max_msgs_per_subject: definition.maxPerSubject ?? -1,
    max_msg_size: definition.maxMessageSize,
  };
}
