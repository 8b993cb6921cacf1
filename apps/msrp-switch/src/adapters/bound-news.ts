import type { Clock } from '@parley/prelude';
import type { Session } from '../hub/session.ts';

/** Milliseconds between two words on one room: observers of a roster hear of changes no more often than every 50 ms. */
const pace = 25;

interface Newcomer {
  readonly session: Session;
  readonly heard: () => void;
}

/** Gathers whose sessions have been bound: the first of a quiet room is told of at once, those of a crowd together. */
export class BoundNews {
  private readonly clock: Clock;
  private readonly tell: (room: string, sessions: readonly Session[]) => Promise<void>;
  /** By rooms that were told of somebody just now. */
  private readonly waiting = new Map<string, Newcomer[]>();

  /** @param tell - resolves when it has been heard, or is given up */
  constructor(clock: Clock, tell: (room: string, sessions: readonly Session[]) => Promise<void>) {
    this.clock = clock;
    this.tell = tell;
  }

  /** Resolves when it has been heard, or is given up. */
  add(session: Session): Promise<void> {
    const { room } = session.hub;
    return new Promise((heard) => {
      const waiting = this.waiting.get(room);
      if (waiting !== undefined) waiting.push({ session, heard });
      else void this.tellOf(room, [{ session, heard }]);
    });
  }

  private async tellOf(room: string, first: readonly Newcomer[]): Promise<void> {
    for (let crowd = first; crowd.length > 0; crowd = this.waiting.get(room) ?? []) {
      this.waiting.set(room, []);
      await this.tell(
        room,
        crowd.map(({ session }) => session),
      );
      for (const { heard } of crowd) heard();
      await new Promise<void>((resolve) => this.clock.after(pace, resolve));
    }
    this.waiting.delete(room);
  }
}
