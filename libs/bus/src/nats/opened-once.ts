import type { Link } from '../link.ts';

/** Opens something of the store at its first use, and again after a time without NATS, when the store may be another. */
export class OpenedOnce {
  readonly #make: () => Promise<void>;
  #made: Promise<void> | undefined;

  constructor(link: Link, make: () => Promise<void>) {
    this.#make = make;
    link.onState(() => {
      this.#made = undefined;
    });
  }

  /** Resolves when it is open; concurrent calls share one attempt, and a failed one is not remembered. */
  open(): Promise<void> {
    if (this.#made) return this.#made;
    const made = this.#make();
    this.#made = made;
    made.catch(() => {
      if (this.#made === made) this.#made = undefined;
    });
    return made;
  }
}
