import type { Cancel, Clock } from '@parley/prelude';
import type { SwitchLimits } from '../limits.ts';
import type { Connection } from './connection.ts';
import type { ConnectionName } from './stalled-connections.ts';

/** What is watched of a connection. */
export type Watched = Pick<Connection, 'name' | 'lose'>;

/** What the watch works with. */
export interface WatchParts {
  readonly clock: Clock;
  readonly limits: Pick<SwitchLimits, 'silenceLook' | 'silenceTime'>;
  readonly connections: ReadonlySet<Watched>;
  /** Whose peers acknowledge nothing at the moment. */
  stalled(): Promise<ReadonlySet<ConnectionName>>;
}

/**
 * Gives up connections whose peers vanished while something that they were sent waited to be acknowledged: TCP asks no
 * questions then, and would send it again for a quarter of an hour.
 */
export class SilenceWatch implements Disposable {
  private readonly parts: WatchParts;
  /** Since when they have been silent. */
  private silent = new Map<Watched, number>();
  private cancel: Cancel = () => {};
  private isOver = false;

  constructor(parts: WatchParts) {
    this.parts = parts;
    this.wait();
  }

  [Symbol.dispose](): void {
    this.isOver = true;
    this.cancel();
  }

  private wait(): void {
    const { clock, limits } = this.parts;
    this.cancel = clock.after(limits.silenceLook, () => {
      void this.look().finally(() => {
        if (!this.isOver) this.wait();
      });
    });
  }

  private async look(): Promise<void> {
    const { clock, limits, connections } = this.parts;
    if (connections.size === 0) return;
    const stalled = await this.parts.stalled();
    const before = this.silent;
    this.silent = new Map();
    if (stalled.size === 0) return;
    const now = clock.now();
    for (const connection of connections) {
      if (!stalled.has(connection.name)) continue;
      const since = before.get(connection) ?? now;
      if (now - since >= limits.silenceTime) connection.lose();
      else this.silent.set(connection, since);
    }
  }
}
