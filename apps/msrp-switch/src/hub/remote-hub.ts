import { participantKey } from '../addresses/participant-key.ts';

/** A session of the room on another switch. */
export interface RemoteMember {
  /** The switch. */
  readonly instance: string;
  readonly session: string;
  readonly uriKeys: readonly string[];
  readonly isBound: true;
  readonly takesPrivate: boolean;
  readonly takesAmendments: boolean;
  readonly hearsSince: number;
}

/** What another switch says of a session. */
export interface MemberNews {
  readonly session: string;
  readonly uris: readonly string[];
  readonly takesPrivate: boolean;
  readonly amendments?: boolean | undefined;
  readonly hearsSince?: number | undefined;
}

/** Those of a room who are on one other switch, as far as it said. */
export class RemoteHub {
  readonly instance: string;
  private readonly members = new Map<string, RemoteMember>();
  private readonly byUri = new Map<string, Set<RemoteMember>>();

  constructor(instance: string) {
    this.instance = instance;
  }

  get size(): number {
    return this.members.size;
  }

  /** Those who are known by the URI of this key. */
  membersOf(uriKey: string): Iterable<RemoteMember> {
    return this.byUri.get(uriKey) ?? [];
  }

  /** All of them. */
  all(): Iterable<RemoteMember> {
    return this.members.values();
  }

  came({ session, uris, takesPrivate, amendments: takesAmendments = false, hearsSince = 0 }: MemberNews): void {
    this.left(session);
    const uriKeys = uris.map(participantKey);
    const abilities = { takesPrivate, takesAmendments, hearsSince };
    const member: RemoteMember = { instance: this.instance, session, uriKeys, isBound: true, ...abilities };
    this.members.set(session, member);
    for (const key of uriKeys) this.byUri.set(key, (this.byUri.get(key) ?? new Set()).add(member));
  }

  left(session: string): void {
    const member = this.members.get(session);
    if (member === undefined) return;
    this.members.delete(session);
    for (const key of member.uriKeys) {
      const sharing = this.byUri.get(key);
      sharing?.delete(member);
      if (sharing?.size === 0) this.byUri.delete(key);
    }
  }

  clear(): void {
    this.members.clear();
    this.byUri.clear();
  }
}
