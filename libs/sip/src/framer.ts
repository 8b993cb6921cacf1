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
  /** Takes the next octets. Bodies are views on them, or on a buffer of the framer: leave the octets as they are. */
  push(bytes: Uint8Array): readonly FramerEvent[];
  /** Whether a message has begun and not ended. */
  readonly incomplete: boolean;
}

const ping: FramerEvent = { kind: 'ping' };
const pong: FramerEvent = { kind: 'pong' };
const nothing: readonly FramerEvent[] = [];

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
  #events: FramerEvent[] = [];
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
    if (this.#dead || bytes.length === 0) return nothing;
    const isNew = this.#pending.length === 0;
    const text = isNew ? bytes : this.#pending.append(bytes);
    this.#keep(text, this.#consume(text), isNew);
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Keeps what is not used yet, in room of its own; where nothing was used, it is there already. */
  #keep(text: Uint8Array, used: number, isNew: boolean): void {
    if (this.#dead) this.#pending.clear();
    else if (isNew || used > 0) this.#pending.restart(text, used, this.#expected());
  }

  /** Octets that the message in hand will have, as far as is known. */
  #expected(): number {
    return this.#waiting?.bodyOctets ?? 0;
  }

  /** Takes everything that is complete; returns how many octets are done with. */
  #consume(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (next === at) break;
      at = next;
    }
    return at;
  }

  /** Takes one thing; where it is not complete, or the stream is lost, the offset stays. */
  #step(bytes: Uint8Array, at: number): number {
    if (this.#dead) return at;
    if (this.#skip > 0) return this.#skipBody(bytes, at);
    if (this.#waiting !== undefined) return this.#takeBody(bytes, at, this.#waiting);
    if (bytes[at] === 0x0d && this.#searched === 0) return this.#takeLineBreak(bytes, at);
    return this.#takeHead(bytes, at);
  }

  #skipBody(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#skip, bytes.length - at);
    this.#skip -= count;
    return at + count;
  }

  #takeBody(bytes: Uint8Array, at: number, { head, bodyOctets }: Waiting): number {
    if (bytes.length - at < bodyOctets) return at;
    this.#waiting = undefined;
    const body = bytes.subarray(at, at + bodyOctets);
    this.#events.push({ kind: 'message', message: rebuild(head, head.fields, body) });
    return at + bodyOctets;
  }

  /** A CRLF where a start-line could be. @spec RFC 3261 §7.5 */
  #takeLineBreak(bytes: Uint8Array, at: number): number {
    if (at + 1 === bytes.length) return at;
    if (bytes[at + 1] !== 0x0a) return this.#takeHead(bytes, at);
    this.#events.push(this.#afterCrlf ? ping : pong);
    this.#afterCrlf = !this.#afterCrlf;
    return at + 2;
  }

  #takeHead(bytes: Uint8Array, at: number): number {
    this.#afterCrlf = false;
    const { headOctets } = this.#limits;
    const blankLine = this.#codec.indexOf(bytes, endOfHead, at + Math.max(0, this.#searched - 3));
    const length = blankLine === -1 ? bytes.length - at : blankLine + endOfHead.length - at;
    if (length > headOctets) return this.#die(brokenHead(bytes, at, this.#limits, this.#codec), at);
    this.#searched = blankLine === -1 ? length : 0;
    if (blankLine === -1) return at;
    this.#readHead(this.#codec.decodeLatin1(bytes, at, at + length));
    return at + length;
  }

  #readHead(text: string): void {
    const head = parseHead(text, this.#limits.fieldCount);
    const message = head.ok ? head.value : head.error.salvaged;
    const length = message === undefined ? undefined : announcedLength(message.fields);
    if (length?.ok !== true || length.value === undefined || message === undefined) {
      this.#refuse(head.ok ? lengthError(head.value, length) : head.error, undefined);
    } else if (!head.ok) this.#refuse(head.error, length.value);
    else if (length.value > this.#limits.bodyOctets) this.#refuse(tooLarge(message, this.#limits), length.value);
    else if (length.value === 0) this.#events.push({ kind: 'message', message });
    else this.#waiting = { head: message, bodyOctets: length.value };
  }

  /** A message that is framed well is passed over, any other ends the stream. */
  #refuse(error: SipParseError, bodyOctets: number | undefined): void {
    this.#skip = bodyOctets ?? 0;
    this.#dead = bodyOctets === undefined;
    this.#events.push({ kind: 'error', error, fatal: this.#dead });
  }

  #die(error: SipParseError, at: number): number {
    this.#refuse(error, undefined);
    return at;
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
