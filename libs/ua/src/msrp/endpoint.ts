import { concatBytes, noBytes, peerViolation, portableCodec } from '@parley/prelude';
import type { ByteCodec, PeerViolation, Random } from '@parley/prelude';
import {
  checkRequest,
  createMessageId,
  createMsrpReader,
  createTransactionId,
  endLineAfterBody,
  isAnswered,
  noHeaderFields,
  planChunks,
  reportOn,
  responseTo,
  serialiseRequest,
  serialiseRequestHead,
  serialiseResponse,
  textOfOctets,
  useNickname,
  wantsSuccessReport,
} from '@parley/msrp';
import type {
  Answerable,
  ContinuationFlag,
  HeaderField,
  MsrpEvent,
  MsrpReader,
  MsrpRequestHead,
  Path,
} from '@parley/msrp';
import { Inbox } from './inbox.ts';

/** What an endpoint wants done or known. */
export type EndpointEffect =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  /** A whole message came. */
  | { readonly kind: 'message'; readonly message: ReceivedMessage }
  /** A request of ours got its response; for a message of several chunks, the one that decides. */
  | { readonly kind: 'settled'; readonly request: string; readonly code: number; readonly comment: string }
  | { readonly kind: 'report'; readonly messageId: string; readonly code: number; readonly comment: string }
  /** The stream cannot be read any further: close it. */
  | { readonly kind: 'close'; readonly reason: string };

/** A message with all its octets. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly fields: readonly HeaderField[];
}

/** A message to send. */
export interface OutgoingMessage {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly successReport?: 'yes';
  readonly messageId?: string;
}

/** What an endpoint is built from. */
export interface EndpointOptions {
  readonly localPath: Path;
  readonly remotePath: Path;
  readonly random: Random;
  readonly codec?: ByteCodec;
  /** Octets of the largest message taken; default 10 MiB, as `a=max-size` should say. */
  readonly maxSize?: number;
  /** Octets of a chunk; default 65536, so that one large message leaves gaps for others. */
  readonly chunkSize?: number;
  /** Whether a media type is taken; default all. */
  readonly accepts?: (contentType: string) => boolean;
}

/** {@link EndpointOptions.maxSize} when it is not given. */
export const defaultMaxSize = 10_485_760;

/** What was asked of the peer, and the effects of asking. */
export interface Asked {
  /** Names the request in its `settled` effect. */
  readonly request: string;
  readonly effects: readonly EndpointEffect[];
}

/** A request of ours under way. */
interface Pending {
  readonly request: string;
  /** Chunks without a response. */
  left: number;
}

/** One end of an MSRP session, without connection or clock: octets in, effects out. @spec RFC 4975 §7 */
export class MsrpEndpoint {
  readonly #options: EndpointOptions;
  readonly #codec: ByteCodec;
  readonly #reader: MsrpReader;
  readonly #inbox: Inbox;
  /** By transaction identifier. */
  readonly #pending = new Map<string, Pending>();
  /** The chunk that is coming in. */
  #current:
    { readonly head: MsrpRequestHead; readonly parts: Uint8Array[]; readonly violation?: PeerViolation } | undefined;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#codec = options.codec ?? portableCodec;
    const maxSize = options.maxSize ?? defaultMaxSize;
    this.#reader = createMsrpReader({ codec: this.#codec, limits: { chunkBytes: maxSize } });
    this.#inbox = new Inbox(maxSize);
  }

  /** An empty SEND, which tells a passive peer whose connection this is. @spec RFC 4975 §5.4, §7.1 */
  bind(): Asked {
    const head = this.#head('SEND', { messageId: createMessageId(this.#options.random) });
    return this.#ask(head);
  }

  /** Asks for a nickname; an empty one gives it back. @spec RFC 7701 §7.1 */
  nickname(nickname: string): Asked {
    return this.#ask(this.#head('NICKNAME', { fields: [useNickname(nickname)] }));
  }

  /** Sends a message, in chunks when it is large. @spec RFC 4975 §7.1.1 */
  send(message: OutgoingMessage): Asked {
    const { body, contentType, successReport, messageId = createMessageId(this.#options.random) } = message;
    const chunks = [...planChunks(body.length, this.#options.chunkSize ?? 65_536)];
    const pending: Pending = { request: messageId, left: chunks.length };
    const effects = chunks.map((chunk, i): EndpointEffect => {
      const head = this.#head('SEND', { messageId, contentType, byteRange: chunk.byteRange, successReport });
      this.#pending.set(head.transactionId, pending);
      const start = chunk.byteRange.start - 1;
      const flag: ContinuationFlag = i === chunks.length - 1 ? '$' : chunk.flag;
      return this.#write(head, body.subarray(start, start + chunk.length), flag);
    });
    return { request: messageId, effects };
  }

  /** Takes octets of the peer. */
  receive(bytes: Uint8Array): readonly EndpointEffect[] {
    return this.#reader.push(bytes).flatMap((event) => this.#take(event));
  }

  #head(method: string, parts: Partial<MsrpRequestHead>): MsrpRequestHead {
    return {
      transactionId: createTransactionId(this.#options.random),
      method,
      toPath: this.#options.remotePath,
      fromPath: this.#options.localPath,
      messageId: undefined,
      successReport: undefined,
      failureReport: undefined,
      byteRange: undefined,
      status: undefined,
      contentType: undefined,
      fields: noHeaderFields,
      ...parts,
    };
  }

  #ask(head: MsrpRequestHead): Asked {
    this.#pending.set(head.transactionId, { request: head.transactionId, left: 1 });
    return { request: head.transactionId, effects: [this.#writeText(serialiseRequest(head, '$'))] };
  }

  #write(head: MsrpRequestHead, body: Uint8Array, flag: ContinuationFlag): EndpointEffect {
    const before = this.#codec.encodeLatin1(serialiseRequestHead(head));
    const after = this.#codec.encodeLatin1(endLineAfterBody(head.transactionId, flag));
    return { kind: 'write', bytes: concatBytes([before, body, after]) };
  }

  #writeText(text: string): EndpointEffect {
    return { kind: 'write', bytes: this.#codec.encodeLatin1(text) };
  }

  #take(event: MsrpEvent): readonly EndpointEffect[] {
    switch (event.kind) {
      case 'request':
        return this.#takeRequest(event.request);
      case 'start': {
        const violation = this.#violation(event.request);
        this.#current = { head: event.request, parts: [], ...(violation === undefined ? {} : { violation }) };
        return [];
      }
      case 'body':
        this.#current?.parts.push(event.bytes.slice());
        return [];
      case 'end':
        return this.#takeChunk(event.flag);
      case 'response':
        return this.#settle(event.response.transactionId, event.response.code, textOfOctets(event.response.comment));
      case 'error':
        this.#current = undefined;
        if (event.fatal) return [{ kind: 'close', reason: event.error.message }];
        return event.request === undefined ? [] : this.#answer(event.request, event.status);
    }
  }

  /** @spec RFC 4975 §7.3 */
  #violation(request: MsrpRequestHead): PeerViolation | undefined {
    const { maxSize = defaultMaxSize, accepts = () => true, localPath } = this.#options;
    if (request.toPath.first.sessionId !== localPath.first.sessionId) {
      return peerViolation(481, 'RFC 4975 §7.3', 'expected the session of this endpoint');
    }
    return checkRequest(request, { methods: [], messageBytes: maxSize, accepts });
  }

  /** A request without a body: an empty SEND, a REPORT, or something we do not know. */
  #takeRequest(request: MsrpRequestHead): readonly EndpointEffect[] {
    const violation = this.#violation(request);
    if (request.method !== 'REPORT') return this.#answer(request, violation?.status ?? 200);
    const { messageId, status } = request;
    if (violation !== undefined || messageId === undefined || status === undefined) return [];
    return [{ kind: 'report', messageId, code: status.code, comment: textOfOctets(status.comment) }];
  }

  #takeChunk(flag: ContinuationFlag): readonly EndpointEffect[] {
    const chunk = this.#current;
    this.#current = undefined;
    if (chunk === undefined) return [];
    const { head, parts, violation } = chunk;
    // A room's REPORT of 427 or 428 carries heads of the message that failed.
    if (head.method === 'REPORT') return this.#takeRequest(head);
    if (violation !== undefined) return this.#answer(head, violation.status);
    const [only = noBytes] = parts;
    const taken = this.#inbox.take(head, parts.length > 1 ? concatBytes(parts) : only, flag);
    if (!taken.ok) return this.#answer(head, taken.error.status);
    const answer = this.#answer(head, 200);
    if (taken.value === undefined) return answer;
    return [...answer, ...this.#report(head, taken.value), { kind: 'message', message: taken.value }];
  }

  /** @spec RFC 4975 §7.1.3 */
  #report(head: MsrpRequestHead, { body }: ReceivedMessage): readonly EndpointEffect[] {
    if (!wantsSuccessReport(head)) return [];
    const transactionId = createTransactionId(this.#options.random);
    const byteRange = { start: 1, end: body.length, total: body.length };
    return [this.#writeText(serialiseRequest(reportOn(head, { transactionId, code: 200, byteRange }), '$'))];
  }

  #answer(request: Answerable, code: number): readonly EndpointEffect[] {
    return isAnswered(request, code) ? [this.#writeText(serialiseResponse(responseTo(request, code)))] : [];
  }

  #settle(transactionId: string, code: number, comment: string): readonly EndpointEffect[] {
    const pending = this.#pending.get(transactionId);
    if (pending === undefined) return [];
    this.#pending.delete(transactionId);
    pending.left--;
    if (code === 200 && pending.left > 0) return [];
    if (code !== 200) this.#forget(pending);
    return [{ kind: 'settled', request: pending.request, code, comment }];
  }

  /** Nobody waits for the other chunks of a message that was refused. */
  #forget(pending: Pending): void {
    for (const [transactionId, other] of this.#pending) if (other === pending) this.#pending.delete(transactionId);
  }
}
