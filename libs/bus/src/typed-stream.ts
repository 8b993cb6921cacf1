import type { Codec } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';
import { busFailure } from './bus-failure.ts';
import type { RawMessage, RawStream } from './link.ts';
import { checkSubject } from './link-guard.ts';
import type { Appended, AppendOptions, MessageStream, ReadOptions, StoredMessage } from './message-stream.ts';
import { Window } from './window.ts';

/** Appends of one stream that wait for their acknowledgement at the same time: bounds memory, and keeps the server busy. */
const appendsInFlight = 256;

/** A {@link MessageStream} over one in octets. */
export class TypedStream<T> implements MessageStream<T> {
  readonly #raw: RawStream;
  readonly #codec: Codec<T>;
  readonly #window = new Window(appendsInFlight);

  constructor(raw: RawStream, codec: Codec<T>) {
    this.#raw = raw;
    this.#codec = codec;
  }

  async append(subject: string, message: T, options: AppendOptions = {}): Promise<Result<Appended, BusFailure>> {
    const checked = checkSubject(subject);
    if (!checked.ok) return checked;
    const data = this.#codec.encode(message);
    return this.#window.run(() => this.#raw.append(subject, data, options));
  }

  async next(subject: string, from: number): Promise<Result<StoredMessage<T> | undefined, BusFailure>> {
    const checked = checkSubject(subject);
    return checked.ok ? this.#read(await this.#raw.next(subject, from)) : checked;
  }

  async last(subject: string): Promise<Result<StoredMessage<T> | undefined, BusFailure>> {
    const checked = checkSubject(subject);
    return checked.ok ? this.#read(await this.#raw.last(subject)) : checked;
  }

  async read(subject: string, options: ReadOptions): Promise<Result<readonly StoredMessage<T>[], BusFailure>> {
    const messages: StoredMessage<T>[] = [];
    for (let { from } = options; messages.length < options.limit;) {
      const next = await this.next(subject, from);
      if (!next.ok) return next;
      if (next.value === undefined) break;
      messages.push(next.value);
      from = next.value.sequence + 1;
    }
    return ok(messages);
  }

  async purge(subject: string, before?: number): Promise<Result<number, BusFailure>> {
    const checked = checkSubject(subject);
    return checked.ok ? this.#raw.purge(subject, before) : checked;
  }

  remove(sequence: number): Promise<Result<boolean, BusFailure>> {
    return this.#raw.remove(sequence);
  }

  #read(found: Result<RawMessage | undefined, BusFailure>): Result<StoredMessage<T> | undefined, BusFailure> {
    if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
    const { subject, sequence, storedAt, data } = found.value;
    const message = this.#codec.decode(data);
    if (message.ok) return ok({ subject, sequence, storedAt, message: message.value });
    return err(busFailure('unreadable', `message ${sequence} of ${subject} cannot be read`, message.error));
  }
}
