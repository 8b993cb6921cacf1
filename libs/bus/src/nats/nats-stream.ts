import type { SeqMsgRequest, NextMsgRequest, LastForMsgRequest, StreamConfig } from '@nats-io/jetstream';
import { DiscardPolicy, JetStreamApiError, PubHeaders, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { StreamDefinition } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';
import type { Headers, LinkMessage, RawMessage, RawStream } from '../link.ts';
import type { Appended, AppendOptions } from '../message-stream.ts';
import { parseAnswer } from './jet-stream.ts';
import type { JetStream } from './jet-stream.ts';
import { OpenedOnce } from './opened-once.ts';
import { limitBeside, mostOctets } from './stream-limit.ts';

/** Code of the server for a name that is taken by a stream of another configuration. */
const streamNameInUse = 10058;
/** Code of the server for a sequence that holds no message (any more). */
const sequenceNotFound = 10043;
/** Status of a direct answer for: nothing there. */
const notFound = 404;

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

  /**
   * Read at any replica, which knows a prefix of what its leader does: enough to find what was stored a while ago. That there
   * is nothing, the leader alone can say.
   */
  async next(subject: string, from: number): Promise<Result<RawMessage | undefined, BusFailure>> {
    const query = { seq: Math.max(1, from), next_by_subj: subject };
    const opened = await this.#opened.open();
    if (!opened.ok) return opened;
    const found = await this.#jetStream.ask(`$JS.API.DIRECT.GET.${this.#definition.name}`, query);
    if (!found.ok) return found;
    if (found.value.code === 0) return ok(directMessage(found.value));
    return found.value.code === notFound && this.#jetStream.replicas === 1 ? ok(undefined) : this.#get(query);
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

  /** Does not overwrite the octets on the disk: that takes six times as long. */
  async remove(sequence: number): Promise<Result<boolean, BusFailure>> {
    const opened = await this.#opened.open();
    if (!opened.ok) return opened;
    const subject = `$JS.API.STREAM.MSG.DELETE.${this.#definition.name}`;
    const answer = await this.#jetStream.ask(subject, { seq: sequence, no_erase: true });
    if (!answer.ok) return answer;
    const { success, error } = parseAnswer(answer.value.data);
    if (success === true || error?.err_code === sequenceNotFound) return ok(success === true);
    return err(busFailure('store', `JetStream: ${error?.description ?? 'an answer that is none'}`, error));
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
    const config = streamConfig(this.#definition, this.#jetStream);
    try {
      await streams.add(config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== streamNameInUse) throw error;
      const before = await streams.info(config.name);
      await streams.update(config.name, { ...config, max_bytes: limitBeside(before, config) });
    }
  }
}

function directMessage(message: LinkMessage): RawMessage {
  return {
    subject: message.header('Nats-Subject') ?? '',
    sequence: Number(message.header('Nats-Sequence')),
    storedAt: Date.parse(message.header('Nats-Time-Stamp') ?? ''),
    data: message.data,
  };
}

/** @internal How a stream is made, where it shares `storeOctets` with others. */
export function streamConfig(
  definition: StreamDefinition,
  { replicas, storeOctets }: { readonly replicas: number; readonly storeOctets?: number | undefined },
): Partial<StreamConfig> & { name: string } {
  return {
    name: definition.name,
    description: definition.description,
    subjects: [...definition.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: definition.whenFull === 'refuse' ? DiscardPolicy.New : DiscardPolicy.Old,
    num_replicas: replicas,
    max_age: nanos(definition.maxAge ?? 0),
    max_msgs_per_subject: definition.maxPerSubject ?? -1,
    max_bytes: mostOctets(definition, storeOctets),
    max_msg_size: definition.maxMessageSize,
    allow_direct: true,
    ...(definition.duplicateWindow !== undefined && { duplicate_window: nanos(definition.duplicateWindow) }),
  };
}
