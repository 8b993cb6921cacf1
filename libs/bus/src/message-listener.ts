import type { Codec } from '@parley/contracts';
import type { MessageHandler, Subscription } from './bus.ts';
import { traceOf } from './envelope.ts';
import type { LinkMessage, LinkSubscription } from './link.ts';
import type { ServerSurroundings } from './request-server.ts';

/** Hears one subject: decodes, calls the handler in order, and lets no failure of the handler reach its neighbours. */
export class MessageListener<T> implements Subscription {
  readonly #around: ServerSurroundings;
  readonly #codec: Codec<T>;
  readonly #handler: MessageHandler<T>;
  readonly #subscription: LinkSubscription;
  readonly #running = new Set<Promise<void>>();

  constructor(
    around: ServerSurroundings,
    subject: string,
    codec: Codec<T>,
    handler: MessageHandler<T>,
    queue: string | undefined,
  ) {
    this.#around = around;
    this.#codec = codec;
    this.#handler = handler;
    this.#subscription = around.link.subscribe(subject, queue, (message) => {
      this.#hear(message);
    });
  }

  async stop(): Promise<void> {
    await this.#subscription.stop();
    await Promise.all(this.#running);
  }

  #hear(message: LinkMessage): void {
    const { counts, logger } = this.#around;
    const { subject } = message;
    const content = this.#codec.decode(message.data);
    if (!content.ok) {
      counts.unreadable++;
      logger.warn({ subject, error: content.error }, 'message cannot be read');
      return;
    }
    try {
      const running = this.#handler(content.value, { subject, trace: traceOf(message) });
      counts.handled++;
      if (running instanceof Promise) this.#follow(subject, running);
    } catch (fault) {
      this.#fault(subject, fault);
    }
  }

  #follow(subject: string, running: Promise<void>): void {
    const followed = running
      .catch((fault: unknown) => {
        this.#fault(subject, fault);
      })
      .finally(() => this.#running.delete(followed));
    this.#running.add(followed);
  }

  #fault(subject: string, fault: unknown): void {
    this.#around.counts.faults++;
    this.#around.logger.error({ subject, err: fault }, 'message handler failed');
  }
}
