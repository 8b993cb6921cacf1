import type { CommandLog } from '@parley/actor';
import type { msrpSwitch } from '@parley/contracts';
import { participantKey } from '../addresses/participant-key.ts';
import type { Roster } from '../message/route.ts';
import type { HubPolicy } from './hub-policy.ts';
import type { RemoteHub, RemoteMember } from './remote-hub.ts';
import type { Session, SessionTerms } from './session.ts';

/** A session of a room, here or on another switch. */
export type Member = Session | RemoteMember;

/** Whether a member is on this switch. */
export function isHere(member: Member): member is Session {
  return !('instance' in member);
}

/** The sessions of a room on this switch, and what its policy says to them. */
export class Hub implements Roster<Member> {
  /** URI of the room. */
  readonly room: string;
  policy: HubPolicy;
  /** By session-id. */
  readonly sessions = new Map<string, Session>();
  /** The hubs of the room on other switches, by their names. */
  readonly peers = new Map<string, RemoteHub>();
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

  sessionsOf(uri: string): readonly Member[] {
    const key = participantKey(uri);
    const here = this.byUri.get(key) ?? [];
    return [...here, ...[...this.peers.values()].flatMap((peer) => [...peer.membersOf(key)])];
  }

  /** Everybody, those on other switches too. */
  *members(): Iterable<Member> {
    yield* this.sessions.values();
    for (const peer of this.peers.values()) yield* peer.all();
  }

  /** How many they are. */
  get size(): number {
    return [...this.peers.values()].reduce((sum, peer) => sum + peer.size, this.sessions.size);
  }

  add(session: Session): void {
    this.sessions.set(session.id, session);
    for (const key of session.uriKeys) {
      const sharing = this.byUri.get(key) ?? new Set();
      this.byUri.set(key, sharing.add(session));
    }
  }

  /** A nickname is its holder's, on all devices. */
  rename(identity: string, nickname: string): void {
    for (const session of this.sessions.values()) if (session.terms.identity === identity) session.nickname = nickname;
  }

  /** A session whose terms are said anew. */
  change(session: Session, terms: SessionTerms): void {
    this.remove(session);
    session.change(terms);
    this.add(session);
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
