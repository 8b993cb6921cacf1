import { parseError } from '@parley/prelude';
import type { ByteCodec } from '@parley/prelude';
import { BodyEnd, matchTail } from './body-end.ts';
import type { MsrpEvent } from './event.ts';
import type { Answerable, ContinuationFlag } from './request-head.ts';
import type { TextWindow } from './text-window.ts';

/** The body about to be read. */
export interface BodyStart {
  readonly transactionId: string;
  /** Octets accepted. */
  readonly limit: number;
  /** Whether its octets are passed over instead of handed out. */
  readonly skipped: boolean;
  /** What a body that passes the limit is answered by. */
  readonly request: Answerable | undefined;
}

const noEnd = new BodyEnd('');

/**
 * Hands out the octets of one body as views of what came in, and finds its end. It holds back only octets that may be
 * the beginning of the end-line; those are copied, since the caller may reuse its array.
 *
 * @deviation an end-line directly behind the empty line ends an empty body, though RFC 4975 §7.1 has a CRLF between
 */
export class BodyReader {
  /** Whether a body is being read. */
  active = false;
  readonly #codec: ByteCodec;
  readonly #held: Uint8Array;
  #heldLength = 0;
  /** Octets at the beginning of {@link #held}, or before the body, that belong to the empty line of the head. */
  #lead = 0;
  #end = noEnd;
  #left = 0;
  #limit = 0;
  #skipped = false;
  #request: Answerable | undefined;

  constructor(codec: ByteCodec, identLength: number) {
    this.#codec = codec;
    this.#held = new Uint8Array(2 * (identLength + 12));
  }

  /** Prepares for the body that begins at `at` of an array of `length` octets, or, at its end, with the next array. */
  begin(start: BodyStart, at: number, length: number): void {
    this.active = true;
    this.#end = new BodyEnd(start.transactionId);
    this.#left = this.#limit = start.limit;
    this.#skipped = start.skipped;
    this.#request = start.request;
    this.#lead = 2;
    this.#heldLength = 0;
    if (at >= 2 && at < length) return;
    this.#held[0] = 0x0d;
    this.#held[1] = 0x0a;
    this.#heldLength = 2;
  }

  /** Reads on at `at`; returns the offset behind what it used. Octets before `at` down to the body's lead are there. */
  read(bytes: Uint8Array, at: number, window: TextWindow, events: MsrpEvent[]): number {
    if (this.#heldLength === 0) return this.#search(bytes, at, window, events);
    const next = this.#resume(bytes, at, events);
    return this.active && next < bytes.length ? this.#search(bytes, next, window, events) : next;
  }

  #search(bytes: Uint8Array, at: number, window: TextWindow, events: MsrpEvent[]): number {
    const from = at - this.#lead;
    const needle = this.#end.text.length;
    let found = this.#candidate(bytes, from, window);
    for (; found !== -1; found = this.#candidate(bytes, found + 1, window)) {
      const flag = matchTail(bytes, found + needle, bytes.length);
      if (flag === 'more') break;
      if (flag === undefined) continue;
      this.#emit(bytes, at, found, events);
      this.#finish(flag, events);
      return found + needle + 3;
    }
    this.#suspend(bytes, at, found === -1 ? this.#tail(bytes, from) : found, events);
    return bytes.length;
  }

  /** Offset of the next end-line without regard to its flag, or -1. */
  #candidate(bytes: Uint8Array, from: number, window: TextWindow): number {
    let at = from;
    if (window.covers(at)) {
      const index = window.text.indexOf(this.#end.text, at - window.start);
      if (index !== -1) return window.start + index;
      if (window.end === bytes.length) return -1;
      at = Math.max(at, window.end - this.#end.text.length + 1);
    }
    return this.#codec.indexOf(bytes, this.#end.bytes, at);
  }

  /** Offset from which all octets could be the beginning of the end-line; the length when there are none. */
  #tail(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    let at = bytes.indexOf(0x0d, Math.max(from, length - this.#end.length + 1));
    while (at !== -1 && this.#end.match(bytes, at, length) === undefined) at = bytes.indexOf(0x0d, at + 1);
    return at === -1 ? length : at;
  }

  /** Hands out the octets from `at` to `tail`, keeps those behind. */
  #suspend(bytes: Uint8Array, at: number, tail: number, events: MsrpEvent[]): void {
    this.#emit(bytes, at, tail, events);
    this.#held.set(bytes.subarray(tail));
    this.#heldLength = bytes.length - tail;
    this.#lead = Math.max(0, at - tail);
  }

  /** Decides about the octets held back, with the help of those at `at`. */
  #resume(bytes: Uint8Array, at: number, events: MsrpEvent[]): number {
    const held = this.#heldLength;
    const end = held + Math.min(this.#end.length, bytes.length - at);
    this.#held.set(bytes.subarray(at, at + end - held), held);
    for (let i = 0; i < held; i++) {
      const flag = this.#end.match(this.#held, i, end);
      if (flag === undefined) continue;
      this.#emitHeld(i, events);
      if (flag !== 'more') {
        this.#heldLength = 0;
        this.#finish(flag, events);
        return at + i + this.#end.length - held;
      }
      this.#held.copyWithin(0, i, end);
      this.#heldLength = end - i;
      return bytes.length;
    }
    this.#emitHeld(held, events);
    this.#heldLength = 0;
    return at;
  }

  #emitHeld(to: number, events: MsrpEvent[]): void {
    if (to > this.#lead) this.#emit(this.#held.slice(this.#lead, to), 0, to - this.#lead, events);
    this.#lead = Math.max(0, this.#lead - to);
  }

  #emit(bytes: Uint8Array, from: number, to: number, events: MsrpEvent[]): void {
    if (from >= to || this.#skipped) return;
    const allowed = Math.min(to - from, this.#left);
    this.#left -= allowed;
    if (allowed > 0) events.push({ kind: 'body', bytes: bytes.subarray(from, from + allowed) });
    if (allowed === to - from) return;
    const error = parseError('data', 0, 'RFC 4975 §10.5', `expected a body of at most ${this.#limit} octets`);
    events.push({ kind: 'error', error, fatal: false, status: 413, request: this.#request });
    this.#skipped = true;
  }

  #finish(flag: ContinuationFlag, events: MsrpEvent[]): void {
    this.active = false;
    if (!this.#skipped) events.push({ kind: 'end', flag });
  }
}
