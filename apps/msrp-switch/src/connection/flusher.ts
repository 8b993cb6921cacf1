/** Something with octets to write. */
export interface Flushable {
  flush(): void;
}

/** Writes what gathered in a turn of the event loop, once per socket, after all that came in has been looked at. */
export class Flusher {
  private dirty: Flushable[] = [];
  private readonly followers: Flushable[] = [];

  /** Has `queue` flushed at the end of this turn. */
  schedule(queue: Flushable): void {
    if (this.dirty.push(queue) === 1) setImmediate(this.run);
  }

  /** Flushes `follower` too, from now on, whenever all queues are: what they wrote may wait there. */
  thenFlush(follower: Flushable): void {
    this.followers.push(follower);
  }

  private readonly run = (): void => {
    const queues = this.dirty;
    this.dirty = [];
    for (const queue of queues) queue.flush();
    for (const follower of this.followers) follower.flush();
  };
}
