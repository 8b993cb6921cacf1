import type { Bus } from '@parley/bus';
import { askOwner } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { SwitchEvents } from '../events.ts';
import type { Session } from '../hub/session.ts';
import { BoundNews } from './bound-news.ts';

/** Milliseconds for one try; longer than a focus needs for a write. */
const patience = 8000;

/** Milliseconds for all tries: several times the lease of a focus that died. */
const persistence = 60_000;

/** Milliseconds between tries while NATS is away. */
const pause = 500;

/** Tells the focus what happens to its participants: in order for each session, each word until it is heard. */
export class FocusDesk {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly events: SwitchEvents;
  private readonly last = new Map<Session, Promise<void>>();
  private readonly boundNews: BoundNews;

  constructor(bus: Bus, clock: Clock, random: Random, events: SwitchEvents) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
    this.events = events;
    this.boundNews = new BoundNews(clock, (room, sessions) => this.tellBound(room, sessions));
  }

  /** The first word on a session. */
  bound(session: Session): void {
    this.follow(session, this.boundNews.add(session));
  }

  lost(session: Session, reason: string): void {
    const { participant } = session.terms;
    this.tell(session, { kind: 'participantLost', value: { participant, session: session.id, reason } });
  }

  nicknameChanged(session: Session, nickname: string): void {
    const { participant } = session.terms;
    this.tell(session, { kind: 'nicknameChanged', value: { participant, nickname } });
  }

  /**
   * Resolves when everything said so far has been heard or given up, or its time is over: a focus that starts again finds
   * out by itself that this switch is gone.
   *
   * @param within - milliseconds
   */
  settled(within: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(within, resolve);
      void Promise.all(this.last.values()).then(() => {
        cancel();
        resolve();
      });
    });
  }

  private tell(session: Session, command: focus.FocusCommandCommand): void {
    const before = this.last.get(session) ?? Promise.resolve();
    this.follow(
      session,
      before.then(() => this.insist(session, command)),
    );
  }

  private follow(session: Session, told: Promise<void>): void {
    this.last.set(session, told);
    void told.then(() => {
      if (this.last.get(session) === told) this.last.delete(session);
    });
  }

  private async tellBound(room: string, sessions: readonly Session[]): Promise<void> {
    const items = sessions.map(({ id, terms }) => ({ participant: terms.participant, session: id }));
    const command = { kind: 'participantsBound', value: { items } } as const;
    const answer = sessions.length === 1 ? undefined : await this.ask(room, command);
    if (typeof answer === 'string') {
      for (const session of sessions) this.events.focusSilent(session, command.kind, answer);
    } else if (answer === undefined || isUnknown(answer)) {
      await Promise.all(sessions.map((session) => this.tellBoundAlone(session)));
    }
  }

  private tellBoundAlone(session: Session): Promise<void> {
    const { participant } = session.terms;
    return this.insist(session, { kind: 'participantBound', value: { participant, session: session.id } });
  }

  private async insist(session: Session, command: focus.FocusCommandCommand): Promise<void> {
    const answer = await this.ask(session.hub.room, command);
    if (typeof answer === 'string') this.events.focusSilent(session, command.kind, answer);
  }

  /**
   * Asks until there is an answer; the command id stays the same, so that a word heard twice counts once.
   *
   * @returns a text that says why nobody asks any more, or the answer
   */
  private async ask(room: string, command: focus.FocusCommandCommand): Promise<focus.FocusReply | string> {
    const message = { commandId: randomToken(this.random, 16), room, command };
    const giveUpAt = this.clock.now() + persistence;
    for (;;) {
      const deadline = Math.min(giveUpAt, this.clock.now() + patience);
      const reply = await askOwner(this.bus, 'focus', room, rpc.focus, message, { deadline });
      if (reply.ok && !isPassing(reply.value)) return reply.value;
      const why = reply.ok ? 'it asked to be asked again' : reply.error.message;
      const isLasting = !reply.ok && !reply.error.retryable;
      if (isLasting || this.clock.now() + pause >= giveUpAt) return why;
      await this.sleep(pause);
    }
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(milliseconds, resolve));
  }
}

function isPassing({ outcome }: focus.FocusReply): boolean {
  return outcome?.kind === 'refusal' && outcome.value.status === 503;
}

/** Whether it is what a focus says to a command that its version does not know. */
function isUnknown({ outcome }: focus.FocusReply): boolean {
  return outcome?.kind === 'refusal' && outcome.value.status === 400;
}
