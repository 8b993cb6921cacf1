import type { CommandLog } from '@parley/actor';
import type { msrpSwitch } from '@parley/contracts';
import { participantKey } from '../addresses/participant-key.ts';
import type { Roster } from '../message/route.ts';
import type { HubPolicy } from './hub-policy.ts';
import type { Session } from './session.ts';

/** The sessions of a room on this switch, and what its policy says to them. */
export class Hub implements Roster<Session> {
  /** URI of the room. */
  readonly room: string;
  policy: HubPolicy;
  /** By session-id. */
  readonly sessions = new Map<string, Session>();
  /** Commands of the focus that were carried out: repeated, they are answered as before. */
  log: CommandLog<msrpSwitch.SwitchReply> = [];
  private readonly roomKey: string;
  private readonly byUri = new Map<string, Set<Session>>();

  constructor(room: string, policy: HubPolicy) {
    this.room = room;
    this.policy = policy;
    this.roomKey = participantKey(room);
  }

  get allowsPrivate(): boolean {
    return this.policy.privateMessages;
  }

  isRoom(uri: string): boolean {
    return uri === this.room || participantKey(uri) === this.roomKey;
  }

  sessionsOf(uri: string): readonly Session[] {
    return [...(this.byUri.get(participantKey(uri)) ?? [])];
  }

  add(session: Session): void {
    this.sessions.set(session.id, session);
    for (const key of session.uriKeys) {
      const sharing = this.byUri.get(key) ?? new Set();
      this.byUri.set(key, sharing.add(session));
    }
  }

  remove(session: Session): void {
    this.sessions.delete(session.id);
    for (const key of session.uriKeys) {
      const sharing = this.byUri.get(key);
      sharing?.delete(session);
      if (sharing?.size === 0) this.byUri.delete(key);
    }
  }
}
