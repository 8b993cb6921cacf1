import type { history } from '@parley/contracts';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Session } from '../hub/session.ts';
import type { Switchboard } from '../hub/switchboard.ts';
import { ownChunk } from '../message/own-chunk.ts';
import type { HistoryDesk } from './history-desk.ts';
import type { HistoryStore } from './history-store.ts';

/** Sends newcomers what was said before they came, oldest first, with the DateTime that it had. */
export class Replayer {
  private readonly around: Surroundings;
  private readonly desk: HistoryDesk;
  private readonly store: HistoryStore;
  private readonly board: Pick<Switchboard, 'change'>;

  constructor(
    around: Surroundings,
    { desk, store, board }: { desk: HistoryDesk; store: HistoryStore; board: Pick<Switchboard, 'change'> },
  ) {
    this.around = around;
    this.board = board;
    this.desk = desk;
    this.store = store;
  }

  /**
   * To be called when a session has its first connection: what is said from now on it hears anyway. Who does not want to hear
   * now is sent nothing. Of what was replaced the newest is sent, of what was recalled nothing.
   *
   * @spec RFC 3264 §8.4
   */
  async replay(session: Session): Promise<void> {
    const { room, policy } = session.hub;
    if (policy.replay === 0 || policy.history === 0 || session.terms.isPaused) return;
    const boundAt = this.around.clock.wallTime();
    await this.desk.written(room);
    const wanted = { limit: policy.replay, before: '', since: policy.since, kept: policy.history };
    const joined = session.hearsSince;
    this.hearSince(session, 0); // until it is known what it has
    const page = await this.store.read(room, wanted, true);
    const items = page.ok ? page.value.items.filter(({ at }) => at < boundAt) : [];
    this.hearSince(session, Math.min(joined, items[0]?.at ?? joined));
    for (const entry of items) await this.send(session, entry);
  }

  /** Whoever was sent a message hears when it is amended, on other switches too. */
  private hearSince(session: Session, since: number): void {
    if (session.life === 'ended') return;
    session.hearsSince = since;
    this.board.change(session, session.terms);
  }

  private async send(session: Session, entry: history.HistoryEntry): Promise<void> {
    const size = entry.head.length + entry.size;
    if (size > session.terms.peerMaxSize) this.around.events.passedOver('size', 1);
    else if (!session.terms.acceptance.takes(entry.contentType)) this.around.events.passedOver('type', 1);
    else {
      const body = [entry.head, await this.store.content(entry)];
      const { outlet, lines } = session;
      if (outlet?.isOpen === true) outlet.deliver(ownChunk(body, this.around.random), lines);
    }
  }
}
