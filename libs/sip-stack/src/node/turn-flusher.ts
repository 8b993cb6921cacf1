/** Somebody with octets to write when the turn is over. */
export interface Flushable {
  flush(): void;
}

/**
 * Calls everybody who asked once, after the event loop has read all sockets of this turn. With `setImmediate` the
 * messages that came in over many sockets leave over one in one write; a microtask would end after each socket.
 */
export class TurnFlusher {
  #waiting: Flushable[] = [];
  #isWithin = false;
  readonly #after: () => void;

  /** @param after - called when all have flushed */
  constructor(after: () => void = () => {}) {
    this.#after = after;
  }

  readonly #run = (): void => {
    const due = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < due.length; i++) due[i]?.flush();
    this.#after();
  };

  /** Asks for one `flush`; asking twice before it comes is the caller's business. */
  ask(flushable: Flushable): void {
    if (this.#waiting.push(flushable) === 1 && !this.#isWithin) setImmediate(this.#run);
  }

  /** Hears all that came over many sockets at once; who asks meanwhile is called at its end, and the turn needs no more than that. */
  within(hear: () => void): void {
    this.#isWithin = true;
    try {
      hear();
    } finally {
      this.#isWithin = false;
      this.#run();
    }
  }
}
