import { participantKey } from '../addresses/participant-key.ts';

/** A session of the room on another switch. */
export interface RemoteMember {
  /** The switch. */
  readonly instance: string;
  readonly session: string;
  readonly uriKeys: readonly string[];
  readonly isBound: true;
  readonly takesPrivate: boolean;
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

  came(session: string, uris: readonly string[], takesPrivate: boolean): void {
    this.left(session);
    const uriKeys = uris.map(participantKey);
    const member = { instance: this.instance, session, uriKeys, isBound: true, takesPrivate } as const;
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
