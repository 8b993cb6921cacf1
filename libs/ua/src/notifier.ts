import type { Cancel } from '@parley/prelude';

/** Tells whoever listens; a listener added later hears only what comes later. */
export class Notifier<Fact> {
  readonly #listeners = new Set<(fact: Fact) => void>();

  /** Adds a listener until it is cancelled. */
  listen(listener: (fact: Fact) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(fact: Fact): void {
    for (const listener of [...this.#listeners]) listener(fact);
  }
}
