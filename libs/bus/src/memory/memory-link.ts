import type { BucketDefinition, ObjectStoreDefinition, StreamDefinition } from '@parley/contracts';
import type { Cancel, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';
import type { Headers, Link, LinkMessage, LinkState, LinkSubscription, RawBucket, RawStream } from '../link.ts';
import { checkSize, linkFailure } from '../link-guard.ts';
import type { ObjectStore } from '../object-store.ts';
import type { MemoryHub } from './memory-hub.ts';

/** One client's connection to a {@link MemoryHub}, which a test may cut. */
export class MemoryLink implements Link {
  readonly maxPayload = 1_048_576;
  readonly #hub: MemoryHub;
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #interests = new Set<Cancel>();
  #state: LinkState = 'connected';

  constructor(hub: MemoryHub) {
    this.#hub = hub;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Cuts or mends the connection; without effect once closed. */
  setState(state: 'connected' | 'disconnected'): void {
    if (this.#state !== 'closed' && this.#state !== state) this.#change(state);
  }

  newInbox(): string {
    return this.#hub.newInbox();
  }

  onState(listener: (state: LinkState) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  publish(subject: string, data: Uint8Array, headers: Headers, reply?: string): void {
    if (this.#state === 'connected') this.#hub.publish(subject, data, headers, reply);
  }

  subscribe(subject: string, queue: string | undefined, deliver: (message: LinkMessage) => void): LinkSubscription {
    const join = (): Cancel => this.#hub.subscribe({ pattern: subject, queue, deliver });
    const leave = this.#whileConnected(join);
    return {
      stop: () => {
        leave();
        return Promise.resolve();
      },
    };
  }

  flush(): Promise<Result<void, BusFailure>> {
    return this.#attempt(() => undefined);
  }

  bucket(definition: BucketDefinition): RawBucket {
    const bucket = this.#hub.bucket(definition);
    return {
      get: (key) => this.#attempt(() => bucket.get(key)),
      write: (key, data, expected) => this.#attempt(() => bucket.write(key, data, expected)),
      list: (filter, withData) => this.#attempt(() => bucket.list(filter, withData)),
      watch: (filter, watcher) => this.#watch(() => bucket.watch(filter, watcher)),
      sweep: (age) => this.#attempt(() => bucket.sweep(age)),
    };
  }

  stream(definition: StreamDefinition): RawStream {
    const stream = this.#hub.stream(definition);
    return {
      append: (subject, data, options) => {
        const sized = checkSize(this, data);
        return sized.ok ? this.#attempt(() => stream.append(subject, data, options)) : Promise.resolve(sized);
      },
      next: (subject, from) => this.#attempt(() => stream.next(subject, from)),
      last: (subject) => this.#attempt(() => stream.last(subject)),
      purge: (subject, before) => this.#attempt(() => stream.purge(subject, before)),
      remove: (sequence) => this.#attempt(() => stream.remove(sequence)),
    };
  }

  objects(definition: ObjectStoreDefinition): ObjectStore {
    const objects = this.#hub.objects(definition);
    return {
      put: async (name, pieces) => {
        const parts: Uint8Array[] = [];
        try {
          for await (const piece of pieces) parts.push(piece);
        } catch (error) {
          return err(busFailure('store', String(error), error));
        }
        return this.#attempt(() => void objects.set(name, Buffer.concat(parts)));
      },
      get: (name) => this.#attempt(() => objects.get(name)),
      remove: (name) => this.#attempt(() => void objects.delete(name)),
      names: (prefix) => this.#attempt(() => [...objects.keys()].filter((name) => name.startsWith(prefix))),
    };
  }

  close(): Promise<void> {
    if (this.#state !== 'closed') this.#change('closed');
    return Promise.resolve();
  }

  /** Joins now and after each reconnect, and leaves while the connection is cut. */
  #whileConnected(join: () => Cancel): Cancel {
    let leave: Cancel | undefined = this.#state === 'connected' ? join() : undefined;
    const forget = this.onState((state) => {
      leave?.();
      leave = state === 'connected' ? join() : undefined;
    });
    const stop = (): void => {
      forget();
      leave?.();
      this.#interests.delete(stop);
    };
    this.#interests.add(stop);
    return stop;
  }

  /** Begins a watch in a later microtask, as the network would. */
  #watch(join: () => Cancel): Cancel {
    let stop: Cancel | undefined;
    let isWanted = true;
    queueMicrotask(() => {
      if (isWanted) stop = this.#whileConnected(join);
    });
    return () => {
      isWanted = false;
      stop?.();
    };
  }

  async #attempt<T>(work: () => T): Promise<Result<T, BusFailure>> {
    await Promise.resolve();
    return this.#state === 'connected' ? ok(work()) : err(linkFailure(this));
  }

  #change(state: LinkState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
    if (state === 'closed') for (const stop of [...this.#interests]) stop();
  }
}
