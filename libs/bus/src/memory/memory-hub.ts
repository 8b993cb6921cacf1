import type { BucketDefinition, ObjectStoreDefinition, StreamDefinition } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import { noBytes } from '@parley/prelude';
import type { Headers, LinkMessage } from '../link.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { MemoryStream } from './memory-stream.ts';
import { matchesSubject } from './subject-match.ts';

interface Interest {
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly deliver: (message: LinkMessage) => void;
}

/** What a NATS server would do, in this process: subjects, queue groups, buckets and streams. */
export class MemoryHub {
  readonly #clock: Clock;
  readonly #interests = new Set<Interest>();
  readonly #buckets = new Map<string, MemoryBucket>();
  readonly #streams = new Map<string, MemoryStream>();
  readonly #objects = new Map<string, Map<string, Uint8Array>>();
  #turn = 0;
  #inboxes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A subject that nobody else has. */
  newInbox(): string {
    return `_INBOX.${++this.#inboxes}`;
  }

  /** Hears a pattern until cancelled. */
  subscribe(interest: Interest): Cancel {
    this.#interests.add(interest);
    return () => {
      this.#interests.delete(interest);
    };
  }

  /** Delivers in a later microtask, in the order of the calls; a request that nobody hears is told so. */
  publish(subject: string, data: Uint8Array, headers: Headers, reply: string | undefined): void {
    const message = memoryMessage(subject, data.slice(), headers, reply);
    const receivers = this.#receivers(subject);
    if (receivers.length === 0 && reply !== undefined) this.#deliver(reply, noResponder(reply));
    for (const receiver of receivers) this.#schedule(receiver, message);
  }

  /** The bucket of that name. */
  bucket(definition: BucketDefinition): MemoryBucket {
    const bucket = this.#buckets.get(definition.name) ?? new MemoryBucket(definition, this.#clock);
    this.#buckets.set(definition.name, bucket);
    return bucket;
  }

  /** The stream of that name. */
  stream(definition: StreamDefinition): MemoryStream {
    const stream = this.#streams.get(definition.name) ?? new MemoryStream(definition, this.#clock);
    this.#streams.set(definition.name, stream);
    return stream;
  }

  /** The object store of that name. */
  objects({ name }: ObjectStoreDefinition): Map<string, Uint8Array> {
    const objects = this.#objects.get(name) ?? new Map<string, Uint8Array>();
    this.#objects.set(name, objects);
    return objects;
  }

  #deliver(subject: string, message: LinkMessage): void {
    for (const receiver of this.#receivers(subject)) this.#schedule(receiver, message);
  }

  #schedule(receiver: Interest, message: LinkMessage): void {
    queueMicrotask(() => {
      if (this.#interests.has(receiver)) receiver.deliver(message);
    });
  }

  #receivers(subject: string): readonly Interest[] {
    const all = [...this.#interests].filter(({ pattern }) => matchesSubject(pattern, subject));
    const groups = Map.groupBy(
      all.filter((interest) => interest.queue !== undefined),
      (interest) => interest.queue,
    );
    const chosen = [...groups.values()].flatMap((members) => members[this.#turn++ % members.length] ?? []);
    return [...all.filter((interest) => interest.queue === undefined), ...chosen];
  }
}

function memoryMessage(subject: string, data: Uint8Array, headers: Headers, reply: string | undefined): LinkMessage {
  const header = (name: string): string | undefined => headers.find(([other]) => other === name)?.[1];
  return { subject, data, reply, isNoResponder: false, code: 0, header };
}

function noResponder(subject: string): LinkMessage {
  return { ...memoryMessage(subject, noBytes, [], undefined), isNoResponder: true, code: 503 };
}
