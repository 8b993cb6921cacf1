import { Hub } from './hub.ts';
import type { HubPolicy } from './hub-policy.ts';
import type { Session, SessionTerms } from './session.ts';

/** Hears of who comes and goes. */
export interface BoardListener {
  /** A session came, or is known otherwise than before. */
  added(session: Session): void;
  removed(session: Session): void;
  /** The hub has no sessions any more, and is gone. */
  emptied(hub: Hub): void;
}

/** All sessions and hubs of this switch. */
export class Switchboard {
  private readonly listeners: BoardListener[] = [];
  private readonly sessions = new Map<string, Session>();
  private readonly hubs = new Map<string, Hub>();

  get sessionCount(): number {
    return this.sessions.size;
  }

  get hubCount(): number {
    return this.hubs.size;
  }

  session(id: string): Session | undefined {
    return this.sessions.get(id);
  }

  /** Tells `listener` too, from now on. */
  listen(listener: BoardListener): void {
    this.listeners.push(listener);
  }

  all(): readonly Session[] {
    return [...this.sessions.values()];
  }

  hub(room: string): Hub | undefined {
    return this.hubs.get(room);
  }

  allHubs(): readonly Hub[] {
    return [...this.hubs.values()];
  }

  /** The hub of a room, with the policy that was said last. */
  hubWith(room: string, policy: HubPolicy): Hub {
    const hub = this.hubs.get(room) ?? new Hub(room, policy);
    hub.policy = policy;
    this.hubs.set(room, hub);
    return hub;
  }

  add(session: Session): void {
    this.sessions.set(session.id, session);
    session.hub.add(session);
    for (const listener of this.listeners) listener.added(session);
  }

  /** Says the terms of a session anew. */
  change(session: Session, terms: SessionTerms): void {
    session.hub.change(session, terms);
    for (const listener of this.listeners) listener.added(session);
  }

  /** Takes a session out; a hub goes with its last one. */
  remove(session: Session): void {
    const { hub } = session;
    this.sessions.delete(session.id);
    hub.remove(session);
    for (const listener of this.listeners) listener.removed(session);
    if (hub.sessions.size > 0) return;
    this.hubs.delete(hub.room);
    for (const listener of this.listeners) listener.emptied(hub);
  }
}
