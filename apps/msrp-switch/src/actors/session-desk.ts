import type { FocusDesk } from '../adapters/focus-desk.ts';
import type { Connection } from '../connection/connection.ts';
import { announcement } from '../message/announcement.ts';
import type { Hub } from '../hub/hub.ts';
import type { Session } from '../hub/session.ts';
import type { SessionEffect, SessionInput } from '../hub/session-life.ts';
import { stepSession } from '../hub/session-life.ts';
import type { Switchboard } from '../hub/switchboard.ts';
import type { MessageDesk } from './message-desk.ts';
import type { Surroundings } from './surroundings.ts';

/** Leads sessions through their lives: the core decides, and what it says is done here. */
export class SessionDesk {
  private readonly around: Surroundings;
  private readonly board: Switchboard;
  private readonly messages: MessageDesk;
  private readonly focus: FocusDesk;

  private readonly boundListeners: ((session: Session) => void)[] = [];

  constructor(around: Surroundings, board: Switchboard, messages: MessageDesk, focus: FocusDesk) {
    this.around = around;
    this.board = board;
    this.messages = messages;
    this.focus = focus;
  }

  /** Has `listener` told of each session that has its first connection. */
  whenBound(listener: (session: Session) => void): void {
    this.boundListeners.push(listener);
  }

  open(session: Session): void {
    this.board.add(session);
    this.around.events.sessionOpened(session);
    this.step(session, { kind: 'Opened' });
  }

  /** Our offer was answered: now it has to be bound soon. */
  answered(session: Session): void {
    if (session.life === 'waiting') this.arm(session, 'bind');
  }

  bind(session: Session, connection: Connection): void {
    const isFirst = session.life === 'waiting';
    session.outlet = connection;
    connection.sessions.add(session);
    this.step(session, { kind: 'Bound' });
    // Behind the answer to the request that bound it.
    if (isFirst) {
      queueMicrotask(() => {
        this.welcome(session);
        for (const listener of this.boundListeners) listener(session);
      });
    }
  }

  /** The connection is gone; its sessions may come back by another. */
  connectionLost(connection: Connection, reason: string | undefined): void {
    for (const session of connection.sessions) {
      session.outlet = undefined;
      this.messages.abandon(session);
      this.step(session, reason === undefined ? { kind: 'ConnectionLost' } : { kind: 'Dropped', reason });
    }
    connection.sessions.clear();
  }

  /** The focus ends a session; others on its connection stay. */
  close(session: Session): void {
    this.step(session, { kind: 'Closed' });
  }

  /** This switch ends a session, and the focus hears of it. */
  drop(session: Session, reason: string): void {
    this.step(session, { kind: 'Dropped', reason });
  }

  /** The room speaks to all in it. @spec draft-ietf-simple-chat-03 §4 (REQ-9) */
  announce(hub: Hub, text: string): void {
    this.say(hub, hub.sessions.values(), text);
  }

  private welcome(session: Session): void {
    const { welcome } = session.hub.policy;
    if (welcome !== '') this.say(session.hub, [session], welcome);
  }

  private say({ room }: Hub, sessions: Iterable<Session>, text: string): void {
    const chunk = announcement(room, text, this.around);
    for (const { outlet, lines } of sessions) if (outlet?.isOpen === true) outlet.deliver(chunk, lines);
  }

  private step(session: Session, input: SessionInput): void {
    const [life, effects] = stepSession(session.life, input);
    session.life = life;
    const reason = input.kind === 'Dropped' ? input.reason : input.kind;
    for (const effect of effects) this.perform(session, effect, reason);
  }

  private perform(session: Session, effect: SessionEffect, reason: string): void {
    switch (effect.kind) {
      case 'ArmTimer':
        this.arm(session, effect.timer);
        return;
      case 'DisarmTimer':
        session.timer?.();
        session.timer = undefined;
        return;
      case 'TellBound':
        this.around.events.sessionBound(session);
        this.focus.bound(session);
        return;
      case 'TellLost':
        this.focus.lost(session, effect.reason);
        return;
      case 'Forget':
        this.forget(session, reason);
        return;
    }
  }

  private arm(session: Session, timer: 'bind' | 'rebind'): void {
    const { bindTime, offerTime, rebindTime } = this.around.limits;
    const toBind = session.terms.peerPath === undefined ? offerTime : bindTime;
    session.timer?.();
    session.timer = this.around.clock.after(timer === 'bind' ? toBind : rebindTime, () => {
      this.step(session, { kind: 'TimeUp' });
    });
  }

  private forget(session: Session, reason: string): void {
    const { outlet } = session;
    this.messages.abandon(session);
    this.board.remove(session);
    session.outlet = undefined;
    this.around.events.sessionEnded(session, reason);
    outlet?.released(session);
  }
}
