import { parseError, portableCodec } from '@parley/prelude';
import type { ByteCodec, ParseError } from '@parley/prelude';
import { BodyReader } from './body-reader.ts';
import { flagOf } from './end-line.ts';
import type { MsrpEvent } from './event.ts';
import type { HeadDraft } from './head-draft.ts';
import { HeadParser, tooLong } from './head-parser.ts';
import { HeadScan } from './head-scan.ts';
import { defaultLimits } from './limits.ts';
import type { MsrpLimits } from './limits.ts';
import { PendingHead } from './pending-head.ts';
import type { ContinuationFlag } from './request-head.ts';
import { TextWindow } from './text-window.ts';

/** Octets decoded at a time; larger ones keep more memory alive, smaller ones are decoded more often. */
const windowBytes = 4096;

/** The incoming half of one connection: bytes in, events out. */
export interface MsrpReader {
  /**
   * Takes the octets that came next and returns what they make known, in order. Views in `body` events share memory
   * with `bytes`. After a fatal error it returns nothing more.
   */
  push(bytes: Uint8Array): readonly MsrpEvent[];
  /** Says that no more octets will come: one fatal error when that breaks off a message, else nothing. */
  end(): readonly MsrpEvent[];
}

/** How a reader is made. */
export interface MsrpReaderOptions {
  readonly limits?: Partial<MsrpLimits>;
  /** Native operations of the runtime; `portableCodec` when absent. */
  readonly codec?: ByteCodec;
}

/** Makes the reader of one connection. */
export function createMsrpReader(options: MsrpReaderOptions = {}): MsrpReader {
  return new Reader({ ...defaultLimits, ...options.limits }, options.codec ?? portableCodec);
}

class Reader implements MsrpReader {
  readonly #limits: MsrpLimits;
  readonly #codec: ByteCodec;
  readonly #window: TextWindow;
  readonly #scan: HeadScan;
  readonly #parser: HeadParser;
  readonly #body: BodyReader;
  readonly #pending = new PendingHead();
  #dead = false;

  constructor(limits: MsrpLimits, codec: ByteCodec) {
    this.#limits = limits;
    this.#codec = codec;
    this.#window = new TextWindow(codec, windowBytes);
    this.#scan = new HeadScan(limits.headerCount + 1);
    this.#parser = new HeadParser(limits);
    this.#body = new BodyReader(codec, limits.identLength);
  }

  push(bytes: Uint8Array): readonly MsrpEvent[] {
    const events: MsrpEvent[] = [];
    for (let at = 0; at < bytes.length && !this.#dead;) {
      if (this.#body.active) at = this.#body.read(bytes, at, this.#window, events);
      else if (this.#pending.length > 0) at = this.#gather(bytes, at, events);
      else at = this.#readHead(bytes, at, events);
    }
    this.#window.clear();
    return events;
  }

  end(): readonly MsrpEvent[] {
    if (this.#dead || (!this.#body.active && this.#pending.length === 0)) return [];
    const events: MsrpEvent[] = [];
    this.#fatal(parseError('end-line', 0, 'RFC 4975 §9', 'expected an end-line before the connection closed'), events);
    return events;
  }

  /** Reads a head that lies wholly in `bytes`, the usual case. */
  #readHead(bytes: Uint8Array, at: number, events: MsrpEvent[]): number {
    const window = this.#window;
    if (!window.covers(at)) window.load(bytes, at);
    let complete = this.#scan.scan(window.text, at - window.start);
    if (!complete && at > window.start && window.end < bytes.length) {
      window.load(bytes, at);
      complete = this.#scan.scan(window.text, 0);
    }
    if (!complete) return this.#gather(bytes, at, events);
    const after = window.start + this.#scan.after;
    this.#deliver(window.text, at - window.start, after, bytes.length, events);
    return after;
  }

  /** Adds to a head that comes in pieces, or that is longer than the window. */
  #gather(bytes: Uint8Array, at: number, events: MsrpEvent[]): number {
    const pending = this.#pending;
    const before = pending.length;
    pending.append(bytes, at, Math.min(bytes.length, at + this.#limits.headBytes + 1 - before));
    const length = pending.end();
    const prefix = this.#codec.decodeLatin1(pending.bytes, 0, Math.min(5, pending.length));
    if (!'MSRP '.startsWith(prefix)) {
      this.#fatal(parseError('pMSRP', 0, 'RFC 4975 §9', 'expected "MSRP "'), events);
    } else if (length === -1) {
      if (pending.length > this.#limits.headBytes) this.#fatal(tooLong(this.#limits.headBytes), events);
    } else {
      const text = this.#codec.decodeLatin1(pending.bytes, 0, length);
      pending.clear();
      this.#scan.scan(text, 0);
      this.#deliver(text, 0, at + length - before, bytes.length, events);
      return at + length - before;
    }
    return bytes.length;
  }

  /** Turns the head that the scan found at `start` into events; `after` is where its body begins in an array of `length`. */
  #deliver(text: string, start: number, after: number, length: number, events: MsrpEvent[]): void {
    const draft = this.#parser.read(text, start, this.#scan);
    if ('rule' in draft) this.#fatal(draft, events);
    else if (this.#scan.hasBody) this.#startBody(draft, after, length, events);
    else {
      const flag = this.#flag(text, draft.line.transactionId);
      if (flag === undefined) this.#fatal(endLineExpected(this.#scan.lastAt - start), events);
      else pushWhole(draft, flag, events);
    }
  }

  #startBody(draft: HeadDraft, after: number, length: number, events: MsrpEvent[]): void {
    const { transactionId, method } = draft.line;
    const request = draft.error === undefined ? draft.request() : undefined;
    if (request === undefined) pushError(draft, events);
    else events.push({ kind: 'start', request });
    const limit = method === 'SEND' ? this.#limits.chunkBytes : this.#limits.otherBodyBytes;
    this.#body.begin({ transactionId, limit, skipped: request === undefined, request }, after, length);
  }

  /** Flag of the end-line directly behind the header fields. */
  #flag(text: string, transactionId: string): ContinuationFlag | undefined {
    const { lastAt, after } = this.#scan;
    if (after - lastAt !== transactionId.length + 10) return undefined;
    if (!text.startsWith('-------', lastAt) || !text.startsWith(transactionId, lastAt + 7)) return undefined;
    return flagOf(text.charCodeAt(after - 3));
  }

  #fatal(error: ParseError, events: MsrpEvent[]): void {
    this.#dead = true;
    this.#pending.clear();
    events.push({ kind: 'error', error, fatal: true, status: 400, request: undefined });
  }
}

const endLineExpected = (offset: number): ParseError =>
  parseError('end-line', offset, 'RFC 4975 §9', 'expected the end-line of this transaction');

function pushError(draft: HeadDraft, events: MsrpEvent[]): void {
  const { error } = draft;
  if (error !== undefined) {
    events.push({ kind: 'error', error, fatal: false, status: 400, request: draft.answerable() });
  }
}

/** The one event of a response or of a request without a body. */
function pushWhole(draft: HeadDraft, flag: ContinuationFlag, events: MsrpEvent[]): void {
  if (draft.isResponse && flag !== '$') draft.fail('continuation-flag', 0, 'expected "$" behind a response');
  const request = draft.isResponse ? undefined : draft.request();
  const response = draft.isResponse ? draft.response() : undefined;
  if (draft.error !== undefined) pushError(draft, events);
  else if (request !== undefined) events.push({ kind: 'request', request, flag });
  else if (response !== undefined) events.push({ kind: 'response', response });
}
