import type { ByteCodec } from '@parley/prelude';
import { parseError, portableCodec } from '@parley/prelude';
import { announcedLength } from './content-length.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { SipLimits } from './limits.ts';
import { defaultSipLimits } from './limits.ts';
import type { SipMessage } from './message.ts';
import { rebuild } from './message.ts';
import { parseHead } from './parse-head.ts';
import type { ParseOptions } from './parse-message.ts';
import { brokenHead, endOfHead, tooLarge } from './parse-message.ts';
import type { SipParseError } from './sip-parse-error.ts';
import { sipParseError } from './sip-parse-error.ts';

/** What a stream turned out to hold. */
export type FramerEvent =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** The second CRLF of a CRLFCRLF between messages: answer it with one CRLF. @spec RFC 5626 §3.5.1 */
  | { readonly kind: 'ping' }
  /** A CRLF between messages: an answer to a ping, or the first half of one. @spec RFC 5626 §4.4.1 */
  | { readonly kind: 'pong' }
  /** `fatal` when nothing after it can be found any more; every later push gives no events. */
  | { readonly kind: 'error'; readonly error: SipParseError; readonly fatal: boolean };

/** Cuts a stream into messages; the owner closes the connection after a fatal error. */
export interface SipFramer {
  /**
   * Takes the next octets. Bodies are views on them, or on a buffer of the framer: leave the octets as they are.
   *
   * @param hear - is told at once what each of them ended; whether more is to be told, ever
   */
  feed(bytes: Uint8Array, hear: (event: FramerEvent) => boolean): void;
  /** {@link feed}, for who wants it told at the end. */
  push(bytes: Uint8Array): readonly FramerEvent[];
  /** Whether a message has begun and not ended. */
  readonly incomplete: boolean;
}

const ping: FramerEvent = { kind: 'ping' };
const pong: FramerEvent = { kind: 'pong' };

/** A framer for one connection. @spec RFC 3261 §18.3, RFC 5626 §3.5.1 */
export function createSipFramer(options: ParseOptions = {}): SipFramer {
  return new StreamFramer(options.limits ?? defaultSipLimits, options.codec ?? portableCodec);
}

/** A head whose body, of at least one octet, has not come yet. */
interface Waiting {
  readonly head: SipMessage;
  readonly bodyOctets: number;
}

class StreamFramer implements SipFramer {
  readonly #limits: SipLimits;
  readonly #codec: ByteCodec;
  readonly #pending = new GrowingBytes();
  /** How many of the octets at hand are done with. */
  #at = 0;
  /** Octets of the pending head that hold no blank line. */
  #searched = 0;
  #waiting: Waiting | undefined;
  /** Octets of a refused body that are still to come. */
  #skip = 0;
  #afterCrlf = false;
  #dead = false;

  constructor(limits: SipLimits, codec: ByteCodec) {
    this.#limits = limits;
    this.#codec = codec;
  }

  get incomplete(): boolean {
    return this.#pending.length > 0 || this.#skip > 0 || this.#waiting !== undefined;
  }

  push(bytes: Uint8Array): readonly FramerEvent[] {
    const events: FramerEvent[] = [];
    this.feed(bytes, (event) => events.push(event) > 0);
    return events;
  }

  feed(bytes: Uint8Array, hear: (event: FramerEvent) => boolean): void {
    if (this.#dead) return;
    const isNew = this.#pending.length === 0;
    const text = isNew ? bytes : this.#pending.append(bytes);
    this.#at = 0;
    try {
      this.#cut(text, hear);
    } finally {
      this.#keep(text, isNew);
    }
  }

  /** Takes everything that is complete. */
  #cut(bytes: Uint8Array, hear: (event: FramerEvent) => boolean): void {
    while (!this.#dead && this.#at < bytes.length) {
      const before = this.#at;
      const event = this.#step(bytes, before);
      if (event !== undefined) this.#dead = !hear(event) || this.#dead;
      else if (this.#at === before) return;
    }
  }

  /** Keeps what is not used yet, in room of its own; where nothing was used, it is there already. */
  #keep(bytes: Uint8Array, isNew: boolean): void {
    if (this.#dead) this.#pending.clear();
    else if (this.#at < bytes.length) {
      if (isNew || this.#at > 0) this.#pending.restart(bytes, this.#at, this.#expected());
    } else if (!isNew) this.#pending.clear();
  }

  /** Octets that the message in hand will have, as far as is known. */
  #expected(): number {
    return this.#waiting?.bodyOctets ?? 0;
  }

  /** Takes one thing; where it is not complete, the offset stays. */
  #step(bytes: Uint8Array, at: number): FramerEvent | undefined {
    if (this.#waiting !== undefined) return this.#takeBody(bytes, at, this.#waiting);
    if (this.#skip > 0) {
      this.#skipBody(bytes, at);
      return undefined;
    }
    if (bytes[at] === 0x0d && this.#searched === 0) return this.#takeLineBreak(bytes, at);
    return this.#takeHead(bytes, at);
  }

  #skipBody(bytes: Uint8Array, at: number): void {
    const count = Math.min(this.#skip, bytes.length - at);
    this.#skip -= count;
    this.#at = at + count;
  }

  #takeBody(bytes: Uint8Array, at: number, { head, bodyOctets }: Waiting): FramerEvent | undefined {
    if (bytes.length - at < bodyOctets) return undefined;
    this.#waiting = undefined;
    return this.#withBody(bytes, at, head, bodyOctets);
  }

  #withBody(bytes: Uint8Array, at: number, head: SipMessage, bodyOctets: number): FramerEvent {
    this.#at = at + bodyOctets;
    return { kind: 'message', message: rebuild(head, head.fields, bytes.subarray(at, this.#at)) };
  }

  /** A CRLF where a start-line could be. @spec RFC 3261 §7.5 */
  #takeLineBreak(bytes: Uint8Array, at: number): FramerEvent | undefined {
    if (at + 1 === bytes.length) return undefined;
    if (bytes[at + 1] !== 0x0a) return this.#takeHead(bytes, at);
    this.#at = at + 2;
    this.#afterCrlf = !this.#afterCrlf;
    return this.#afterCrlf ? pong : ping;
  }

  #takeHead(bytes: Uint8Array, at: number): FramerEvent | undefined {
    this.#afterCrlf = false;
    const { headOctets } = this.#limits;
    const blankLine = this.#codec.indexOf(bytes, endOfHead, at + Math.max(0, this.#searched - 3));
    const length = blankLine === -1 ? bytes.length - at : blankLine + endOfHead.length - at;
    if (length > headOctets) return this.#refuse(brokenHead(bytes, at, this.#limits, this.#codec), undefined);
    this.#searched = blankLine === -1 ? length : 0;
    if (blankLine === -1) return undefined;
    this.#at = at + length;
    return this.#readHead(bytes, this.#at, this.#codec.decodeLatin1(bytes, at, this.#at));
  }

  /** @param at - where the body begins */
  #readHead(bytes: Uint8Array, at: number, text: string): FramerEvent | undefined {
    const head = parseHead(text, this.#limits.fieldCount);
    const message = head.ok ? head.value : head.error.salvaged;
    const length = message === undefined ? undefined : announcedLength(message.fields);
    if (length?.ok !== true || length.value === undefined || message === undefined)
      return this.#refuse(head.ok ? lengthError(head.value, length) : head.error, undefined);
    const bodyOctets = length.value;
    if (!head.ok) return this.#refuse(head.error, bodyOctets);
    if (bodyOctets > this.#limits.bodyOctets) return this.#refuse(tooLarge(message, this.#limits), bodyOctets);
    if (bodyOctets === 0) return { kind: 'message', message };
    if (bytes.length - at >= bodyOctets) return this.#withBody(bytes, at, message, bodyOctets);
    this.#waiting = { head: message, bodyOctets };
    return undefined;
  }

  /** A message that is framed well is passed over, any other ends the stream. */
  #refuse(error: SipParseError, bodyOctets: number | undefined): FramerEvent {
    this.#skip = bodyOctets ?? 0;
    this.#dead = bodyOctets === undefined;
    return { kind: 'error', error, fatal: this.#dead };
  }
}

/** @spec RFC 3261 §18.3: over a stream Content-Length is what ends a message. */
function lengthError(head: SipMessage, length: ReturnType<typeof announcedLength> | undefined): SipParseError {
  const cause =
    length?.ok === false
      ? length.error
      : parseError('Content-Length', 0, 'RFC 3261 §18.3', 'expected Content-Length over a stream');
  return sipParseError(cause, 400, head);
}
