import { Hub } from './hub.ts';
import type { HubPolicy } from './hub-policy.ts';
import type { Session } from './session.ts';

/** All sessions and hubs of this switch. */
export class Switchboard {
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

  all(): readonly Session[] {
    return [...this.sessions.values()];
  }

  hub(room: string): Hub | undefined {
    return this.hubs.get(room);
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
  }

  /** Takes a session out; a hub goes with its last one. */
  remove(session: Session): void {
    const { hub } = session;
    this.sessions.delete(session.id);
    hub.remove(session);
    if (hub.sessions.size === 0) this.hubs.delete(hub.room);
  }
}
