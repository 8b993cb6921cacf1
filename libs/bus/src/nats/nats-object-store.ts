import { StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { Objm } from '@nats-io/obj';
import type { ObjectStore as Objects } from '@nats-io/obj';
import type { ObjectStoreDefinition } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import type { ObjectStore } from '../object-store.ts';
import type { JetStream } from './jet-stream.ts';
import { OpenedOnce } from './opened-once.ts';
import { keepToShare } from './stream-limit.ts';

/** Octets of one message of an object. */
const chunkBytes = 128 * 1024;

/** An object store of JetStream, laid out as every NATS client has it. */
export class NatsObjectStore implements ObjectStore {
  readonly #jetStream: JetStream;
  readonly #definition: ObjectStoreDefinition;
  readonly #opened: OpenedOnce;
  #objects: Objects | undefined;

  constructor(jetStream: JetStream, definition: ObjectStoreDefinition) {
    this.#jetStream = jetStream;
    this.#definition = definition;
    this.#opened = new OpenedOnce(jetStream, async () => {
      await this.#open();
    });
  }

  put(name: string, pieces: AsyncIterable<Uint8Array>): Promise<Result<void, BusFailure>> {
    return this.#attempt(async (objects) => {
      await objects.put({ name, options: { max_chunk_size: chunkBytes } }, ReadableStream.from(pieces));
    });
  }

  async get(name: string): Promise<Result<Uint8Array | undefined, BusFailure>> {
    const found = await this.#attempt((objects) => objects.getBlob(name));
    return found.ok ? ok(found.value ?? undefined) : found;
  }

  remove(name: string): Promise<Result<void, BusFailure>> {
    return this.#attempt(async (objects) => {
      if ((await objects.info(name)) !== null) await objects.delete(name);
    });
  }

  names(prefix: string): Promise<Result<readonly string[], BusFailure>> {
    return this.#attempt(async (objects) => {
      const all = await objects.list();
      return all.map(({ name }) => name).filter((name) => name.startsWith(prefix));
    });
  }

  #attempt<T>(work: (objects: Objects) => Promise<T>): Promise<Result<T, BusFailure>> {
    return this.#opened.attempt(async () => work(this.#objects ?? (await this.#open())));
  }

  async #open(): Promise<Objects> {
    const { name, description, maxAge } = this.#definition;
    const objects = await new Objm(this.#jetStream.client).create(name, {
      description,
      storage: StorageType.File,
      replicas: this.#jetStream.replicas,
      ...(maxAge !== undefined && { ttl: nanos(maxAge) }),
    });
    await keepToShare(this.#jetStream, (await objects.status()).streamInfo, this.#definition);
    this.#objects = objects;
    return objects;
  }
}
