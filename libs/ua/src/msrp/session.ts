import type { Cancel, Clock, TransportFailure } from '@parley/prelude';
import { Notifier } from '../notifier.ts';
import type { BytePipe, OpenPipe, PipeObserver } from './byte-pipe.ts';
import { MsrpEndpoint } from './endpoint.ts';
import type { Asked, EndpointEffect, EndpointOptions, OutgoingMessage, ReceivedMessage } from './endpoint.ts';
import { MsrpFailureError } from './msrp-failure.ts';

/** Milliseconds that a request may stay unanswered. @spec RFC 4975 §7.1.1 */
const answerWithin = 30_000;

/** What a REPORT told about a message of ours. */
export interface MessageReport {
  readonly messageId: string;
  readonly code: number;
  readonly comment: string;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: MsrpFailureError) => void;
  readonly cancelTimer: Cancel;
}

/** An MSRP session over a pipe: its requests are promises. */
export class MsrpSession implements PipeObserver {
  readonly received = new Notifier<ReceivedMessage>();
  readonly reported = new Notifier<MessageReport>();
  /** Tells once that the connection is gone. */
  readonly closed = new Notifier<TransportFailure | undefined>();
  readonly #endpoint: MsrpEndpoint;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  #pipe: BytePipe | undefined;
  #over = false;

  constructor(options: EndpointOptions, clock: Clock) {
    this.#endpoint = new MsrpEndpoint(options);
    this.#clock = clock;
  }

  /**
   * Opens a session to the first hop of the remote path, and binds it.
   *
   * @param prepare - called before anything can come, to listen
   * @throws MsrpFailureError when it is refused, or what `openPipe` rejects with
   */
  static async open(
    options: EndpointOptions,
    clock: Clock,
    openPipe: OpenPipe,
    prepare: (session: MsrpSession) => void = () => {},
  ): Promise<MsrpSession> {
    const session = new MsrpSession(options, clock);
    prepare(session);
    session.#pipe = await openPipe(options.remotePath.first, session);
    await session.#ask(session.#endpoint.bind());
    return session;
  }

  /** Sends a message; resolves when the next hop has answered 200. @throws MsrpFailureError with any other code */
  send(message: OutgoingMessage): Promise<void> {
    return this.#ask(this.#endpoint.send(message));
  }

  /** Asks for a nickname; empty gives it back. @throws MsrpFailureError e.g. 423 or 425 when it is taken */
  setNickname(nickname: string): Promise<void> {
    return this.#ask(this.#endpoint.nickname(nickname));
  }

  /** Closes the connection. */
  close(): void {
    this.#pipe?.close();
  }

  onBytes(bytes: Uint8Array): void {
    this.#perform(this.#endpoint.receive(bytes));
  }

  onClosed(failure: TransportFailure | undefined): void {
    if (this.#over) return;
    this.#over = true;
    for (const request of [...this.#waiting.keys()]) this.#settle(request, 408, 'the connection is gone');
    this.closed.tell(failure);
  }

  #ask({ request, effects }: Asked): Promise<void> {
    if (this.#over) return Promise.reject(new MsrpFailureError(408, 'the connection is gone'));
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(answerWithin, () => {
        this.#settle(request, 408, 'no answer');
      });
      this.#waiting.set(request, { resolve, reject, cancelTimer });
      this.#perform(effects);
    });
  }

  #perform(effects: readonly EndpointEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'write':
          this.#pipe?.write(effect.bytes);
          break;
        case 'message':
          this.received.tell(effect.message);
          break;
        case 'settled':
          this.#settle(effect.request, effect.code, effect.comment);
          break;
        case 'report':
          this.reported.tell(effect);
          break;
        case 'close':
          this.close();
      }
    }
  }

  #settle(request: string, code: number, comment: string): void {
    const waiting = this.#waiting.get(request);
    if (waiting === undefined) return;
    this.#waiting.delete(request);
    waiting.cancelTimer();
    if (code === 200) waiting.resolve();
    else waiting.reject(new MsrpFailureError(code, comment));
  }
}
