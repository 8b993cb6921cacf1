import type { StreamDefinition } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { RawMessage } from '../link.ts';
import type { Appended, AppendOptions } from '../message-stream.ts';

interface Named {
  readonly sequence: number;
  readonly until: number;
}

/** How long a message id is remembered, milliseconds: the default of JetStream. */
const duplicateWindow = 120_000;

/** One stream of the broker. */
export class MemoryStream {
  readonly #clock: Clock;
  readonly #definition: StreamDefinition;
  readonly #ids = new Map<string, Named>();
  #messages: RawMessage[] = [];
  #sequence = 0;

  constructor(definition: StreamDefinition, clock: Clock) {
    this.#clock = clock;
    this.#definition = definition;
  }

  /** Stores at the end, unless the expectation is not met or the id is known. */
  append(subject: string, data: Uint8Array, { expectLast, messageId }: AppendOptions): Appended {
    const known = messageId === undefined ? undefined : this.#ids.get(messageId);
    if (known && this.#clock.now() < known.until) return { outcome: 'appended', sequence: known.sequence };
    const last = this.last(subject)?.sequence ?? 0;
    if (expectLast !== undefined && expectLast !== last) return { outcome: 'conflict' };
    const sequence = ++this.#sequence;
    this.#messages.push({ subject, sequence, storedAt: this.#clock.wallTime(), data: data.slice() });
    if (messageId !== undefined)
      this.#ids.set(messageId, {
        sequence,
        until: this.#clock.now() + (this.#definition.duplicateWindow ?? duplicateWindow),
      });
    this.#limit(subject);
    return { outcome: 'appended', sequence };
  }

  /** First message of the subject at or after a sequence. */
  next(subject: string, from: number): RawMessage | undefined {
    return this.#live().find((message) => message.subject === subject && message.sequence >= from);
  }

  /** Newest message of the subject. */
  last(subject: string): RawMessage | undefined {
    return this.#live().findLast((message) => message.subject === subject);
  }

  /** Forgets messages of the subject below a sequence. */
  purge(subject: string, before = Infinity): number {
    return this.#keep((message) => message.subject !== subject || message.sequence >= before);
  }

  /** Forgets one message. */
  remove(sequence: number): boolean {
    return this.#keep((message) => message.sequence !== sequence) > 0;
  }

  #live(): readonly RawMessage[] {
    const oldest = this.#clock.wallTime() - (this.#definition.maxAge ?? Infinity);
    this.#keep((message) => message.storedAt > oldest);
    return this.#messages;
  }

  #limit(subject: string): void {
    const ofSubject = this.#messages.filter((message) => message.subject === subject);
    const surplus = ofSubject.length - (this.#definition.maxPerSubject ?? Infinity);
    if (surplus > 0) this.purge(subject, ofSubject[surplus]?.sequence);
    const { maxOctets } = this.#definition;
    if (maxOctets !== undefined) this.#limitOctets(maxOctets);
  }

  /** The oldest of all subjects go first. */
  #limitOctets(most: number): void {
    let octets = this.#messages.reduce((sum, { data }) => sum + data.length, 0);
    const kept = this.#messages.findIndex(({ data }) => octets <= most || (octets -= data.length) < 0);
    if (kept > 0) this.#messages = this.#messages.slice(kept);
  }

  #keep(wanted: (message: RawMessage) => boolean): number {
    const before = this.#messages.length;
    this.#messages = this.#messages.filter(wanted);
    return before - this.#messages.length;
  }
}
