/** Pauses between attempts to connect, milliseconds: a restarted server is found at once, one that is gone costs little. */
export class Backoff {
  static readonly first = 50;
  static readonly longest = 2000;
  #delay = Backoff.first;

  /** The pause before the next attempt. */
  get delay(): number {
    return this.#delay;
  }

  /** An attempt was made: the next pause is twice as long. */
  grow(): void {
    this.#delay = Math.min(2 * this.#delay, Backoff.longest);
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#delay = Backoff.first;
  }
}
