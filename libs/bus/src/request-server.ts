import type { Rpc } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { noBytes } from '@parley/prelude';
import type { RequestContext, RequestHandler, ServeOptions, Subscription } from './bus.ts';
import { declined } from './bus.ts';
import type { Counting } from './bus-counts.ts';
import type { AnswerFailure } from './envelope.ts';
import { failureHeaders, remainingTime, traceOf } from './envelope.ts';
import type { Link, LinkMessage, LinkSubscription } from './link.ts';
import { checkSend } from './link-guard.ts';
import type { BusLogger } from './logger.ts';

/** What every served subject of a bus shares. */
export interface ServerSurroundings {
  readonly link: Link;
  readonly clock: Clock;
  readonly logger: BusLogger;
  readonly counts: Counting;
}

interface Waiting {
  readonly message: LinkMessage;
  readonly deadline: number;
}

const defaultConcurrency = 256;
const defaultBacklog = 1024;

/** Serves one subject: so many requests at a time, so many waiting, and an answer for each. */
export class RequestServer<Question, Answer> implements Subscription {
  readonly #around: ServerSurroundings;
  readonly #rpc: Rpc<Question, Answer>;
  readonly #handler: RequestHandler<Question, Answer>;
  readonly #concurrency: number;
  readonly #backlog: number;
  readonly #waiting: Waiting[] = [];
  readonly #subscription: LinkSubscription;
  #running = 0;
  #latestDeadline = 0;
  #idle: (() => void) | undefined;

  constructor(
    around: ServerSurroundings,
    subject: string,
    rpc: Rpc<Question, Answer>,
    handler: RequestHandler<Question, Answer>,
    options: ServeOptions,
  ) {
    this.#around = around;
    this.#rpc = rpc;
    this.#handler = handler;
    this.#concurrency = options.concurrency ?? defaultConcurrency;
    this.#backlog = options.backlog ?? defaultBacklog;
    this.#subscription = around.link.subscribe(subject, options.queue, (message) => {
      this.#take(message);
    });
  }

  async stop(): Promise<void> {
    await this.#subscription.stop();
    if (this.#running === 0) return;
    const { clock } = this.#around;
    await new Promise<void>((resolve) => {
      // Nobody waits for an answer after that, and a handler that never ends must not keep the process.
      const cancel = clock.after(Math.max(0, this.#latestDeadline - clock.now()), resolve);
      this.#idle = () => {
        cancel();
        resolve();
      };
    });
  }

  #take(message: LinkMessage): void {
    const deadline = this.#around.clock.now() + remainingTime(message);
    this.#latestDeadline = Math.max(this.#latestDeadline, deadline);
    if (this.#running < this.#concurrency) void this.#run({ message, deadline });
    else if (this.#waiting.length < this.#backlog) this.#waiting.push({ message, deadline });
    else {
      this.#around.counts.busy++;
      this.#fail(message, 'busy');
    }
  }

  async #run(first: Waiting): Promise<void> {
    this.#running++;
    for (let next: Waiting | undefined = first; next !== undefined; next = this.#waiting.shift()) {
      await this.#handle(next);
    }
    this.#running--;
    if (this.#running === 0) this.#idle?.();
  }

  async #handle({ message, deadline }: Waiting): Promise<void> {
    const { clock, counts, logger } = this.#around;
    if (clock.now() >= deadline) {
      this.#fail(message, 'expired');
      return;
    }
    const request = this.#rpc.request.decode(message.data);
    if (!request.ok) {
      counts.unreadable++;
      logger.warn({ subject: message.subject, error: request.error }, 'request cannot be read');
      this.#fail(message, 'unreadable');
      return;
    }
    const context: RequestContext = { subject: message.subject, trace: traceOf(message), deadline };
    try {
      const answer = await this.#handler(request.value, context);
      counts.handled++;
      if (answer === declined) this.#fail(message, 'declined');
      else this.#answer(message, this.#rpc.reply.encode(answer));
    } catch (fault) {
      counts.faults++;
      logger.error({ subject: message.subject, err: fault }, 'request handler failed');
      this.#fail(message, 'fault');
    }
  }

  #answer(message: LinkMessage, data: Uint8Array): void {
    if (message.reply === undefined) return;
    const sendable = checkSend(this.#around.link, message.reply, data);
    if (sendable.ok) this.#around.link.publish(message.reply, data, []);
    else if (sendable.error.reason === 'refused') this.#fail(message, 'refused');
  }

  #fail({ reply }: LinkMessage, failure: AnswerFailure): void {
    const { link } = this.#around;
    if (reply !== undefined && link.state === 'connected') link.publish(reply, noBytes, failureHeaders(failure));
  }
}
