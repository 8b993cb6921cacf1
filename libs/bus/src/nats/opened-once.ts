import type { Result } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import type { JetStream } from './jet-stream.ts';

/** Opens something of the store at its first use, and again after a time without NATS, when the store may be another. */
export class OpenedOnce {
  readonly #jetStream: JetStream;
  readonly #make: () => Promise<void>;
  #made: Promise<Result<void, BusFailure>> | undefined;

  constructor(jetStream: JetStream, make: () => Promise<void>) {
    this.#jetStream = jetStream;
    this.#make = make;
    jetStream.link.onState(() => {
      this.#made = undefined;
    });
  }

  /** Resolves when it is open; concurrent calls share one attempt, and a failed one is not remembered. */
  open(): Promise<Result<void, BusFailure>> {
    if (this.#made) return this.#made;
    const made = this.#jetStream.attempt(this.#make);
    this.#made = made;
    void made.then((result) => {
      if (!result.ok && this.#made === made) this.#made = undefined;
    });
    return made;
  }

  /** Does some work with the client on what is open. */
  async attempt<T>(work: () => Promise<T>): Promise<Result<T, BusFailure>> {
    const opened = await this.open();
    return opened.ok ? this.#jetStream.attempt(work) : opened;
  }
}
