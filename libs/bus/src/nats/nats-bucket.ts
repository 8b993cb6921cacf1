import { PubHeaders } from '@nats-io/jetstream';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { errors, nanos } from '@nats-io/nats-core';
import type { BucketDefinition } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { noBytes, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import type { Expected, Headers, RawBucket, RawEntry, RawWatcher, RawWrite } from '../link.ts';
import type { BusLogger } from '../logger.ts';
import { watchAcrossReconnects } from './across-reconnects.ts';
import type { JetStream } from './jet-stream.ts';
import { deleteOperation, operationHeader, readLatest } from './latest-values.ts';
import type { LatestReader } from './latest-values.ts';
import { OpenedOnce } from './opened-once.ts';
import { keepToShare } from './stream-limit.ts';

/** JetStream remembers message ids for this long, milliseconds, unless values live shorter. */
const duplicateWindow = 120_000;

/** How long the listing of a bucket may take, milliseconds: a hundred thousand keys take two seconds. */
const listPatience = 15_000;

/** A key-value bucket, laid out as every NATS client does it, so that other tools can read it. */
export class NatsBucket implements RawBucket {
  readonly #jetStream: JetStream;
  readonly #definition: BucketDefinition;
  readonly #around: { readonly clock: Clock; readonly logger: BusLogger };
  readonly #stream: string;
  readonly #prefix: string;
  readonly #opened: OpenedOnce;

  constructor(
    jetStream: JetStream,
    definition: BucketDefinition,
    around: { readonly clock: Clock; readonly logger: BusLogger },
  ) {
    this.#jetStream = jetStream;
    this.#definition = definition;
    this.#around = around;
    this.#stream = `KV_${definition.name}`;
    this.#prefix = `$KV.${definition.name}.`;
    this.#opened = new OpenedOnce(jetStream, () => this.#open());
  }

  get(key: string): Promise<Result<RawEntry | undefined, BusFailure>> {
    return this.#opened.attempt(() => this.#newest(key));
  }

  async write(key: string, data: Uint8Array | undefined, expected: Expected): Promise<Result<RawWrite, BusFailure>> {
    const opened = await this.#opened.open();
    if (!opened.ok) return opened;
    const written = await this.#write(key, data, expected);
    if (!written.ok || written.value.kind === 'written' || expected !== 0) return written;
    // A deleted key has a revision too: the one of its mark.
    const newest = await this.get(key);
    if (!newest.ok) return newest;
    return newest.value && newest.value.data === undefined ? this.#write(key, data, newest.value.revision) : written;
  }

  async list(filter: string, withData: boolean): Promise<Result<readonly RawEntry[], BusFailure>> {
    const all = await this.#opened.attempt(() => this.#readAll(filter, withData));
    return all.ok ? ok(all.value.filter((entry) => entry.data !== undefined)) : all;
  }

  watch(filter: string, watcher: RawWatcher): Cancel {
    return watchAcrossReconnects(this.#jetStream.link, this.#around, watcher, async (reader) => {
      const opened = await this.#opened.open();
      return opened.ok ? ok(await this.#readLatest(filter, true, reader)) : opened;
    });
  }

  sweep(age: number): Promise<Result<number, BusFailure>> {
    return this.#opened.attempt(async () => {
      const before = this.#around.clock.wallTime() - age;
      const marks = (await this.#readAll('>', false)).filter(
        (entry) => entry.data === undefined && entry.storedAt <= before,
      );
      const manager = await this.#jetStream.manager();
      // By sequence, not by subject: a value written meanwhile stays.
      for (const { revision } of marks) await manager.streams.deleteMessage(this.#stream, revision, false);
      return marks.length;
    });
  }

  /** Read at the leader: a follower's answer could be older than what this very process wrote. */
  async #newest(key: string): Promise<RawEntry | undefined> {
    const manager = await this.#jetStream.manager();
    const found = await manager.streams.getMessage(this.#stream, { last_by_subj: this.#prefix + key });
    if (found === null) return undefined;
    const isDeleted = found.header.get(operationHeader) !== '';
    return { key, revision: found.seq, storedAt: found.time.getTime(), data: isDeleted ? undefined : found.data };
  }

  async #write(key: string, data: Uint8Array | undefined, expected: Expected): Promise<Result<RawWrite, BusFailure>> {
    const headers: Headers = [
      ...(expected === undefined ? [] : [[PubHeaders.ExpectedLastSubjectSequenceHdr, String(expected)] as const]),
      ...(data === undefined ? [[operationHeader, deleteOperation] as const] : []),
    ];
    const written = await this.#jetStream.write(this.#prefix + key, data ?? noBytes, headers);
    if (!written.ok) return written;
    return ok(
      written.value.kind === 'stored' ? { kind: 'written', revision: written.value.sequence } : { kind: 'conflict' },
    );
  }

  /** What changes while it is read comes twice: the last word on a key counts. */
  #readAll(filter: string, withData: boolean): Promise<readonly RawEntry[]> {
    return new Promise((resolve, reject) => {
      const entries = new Map<string, RawEntry>();
      const cancelTimer = this.#around.clock.after(listPatience, () => {
        end();
        reject(new errors.TimeoutError());
      });
      const end = (): void => {
        cancelTimer();
        void reading.then((cancel) => {
          cancel();
        }, reject);
      };
      const reading = this.#readLatest(filter, withData, {
        entry: (entry) => entries.set(entry.key, entry),
        synced: () => {
          end();
          resolve([...entries.values()]);
        },
        ended: () => {
          end();
          reject(new Error('the listing was cut short'));
        },
      });
      reading.catch((error: unknown) => {
        cancelTimer();
        reject(error instanceof Error ? error : new Error('the listing could not begin', { cause: error }));
      });
    });
  }

  #readLatest(filter: string, withData: boolean, reader: LatestReader): Promise<Cancel> {
    const { client, link } = this.#jetStream;
    const [stream, prefix] = [this.#stream, this.#prefix];
    const { clock } = this.#around;
    return readLatest({ client, link, stream, prefix, filter: prefix + filter, withData, clock }, reader);
  }

  async #open(): Promise<void> {
    const { name, description, ttl = 0, maxValueSize } = this.#definition;
    const { client, replicas } = this.#jetStream;
    const options = { description, maxValueSize, replicas, history: 1, allow_direct: false, ...(ttl > 0 && { ttl }) };
    const bucket = await new Kvm(client).create(name, options);
    const status = await bucket.status();
    if (status.ttl !== ttl || status.replicas !== replicas || status.maxValueSize !== maxValueSize) {
      await this.#change(await this.#jetStream.manager(), ttl, maxValueSize);
    }
    await keepToShare(this.#jetStream, status.streamInfo, this.#definition);
  }

  async #change(manager: JetStreamManager, ttl: number, maxValueSize: number): Promise<void> {
    await manager.streams.update(this.#stream, {
      max_age: nanos(ttl),
      duplicate_window: nanos(ttl > 0 ? Math.min(ttl, duplicateWindow) : duplicateWindow),
      max_msg_size: maxValueSize,
      num_replicas: this.#jetStream.replicas,
    });
  }
}
