/** Runs work one at a time for each key, in the order in which it came. */
export class KeyedQueue {
  private readonly last = new Map<string, Promise<void>>();

  /** Keys with work under way. */
  get size(): number {
    return this.last.size;
  }

  /** Runs `work`, which must not reject, once all earlier work of the key is done. */
  run(key: string, work: () => Promise<void>): void {
    const before = this.last.get(key);
    const mine = before === undefined ? work() : before.then(work);
    this.last.set(key, mine);
    void mine.then(() => {
      if (this.last.get(key) === mine) this.last.delete(key);
    });
  }
}
