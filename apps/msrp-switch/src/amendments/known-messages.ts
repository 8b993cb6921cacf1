import type { KnownMessage } from './known-message.ts';

/** Where a message was said: in a room, to all or to one. */
export interface Place {
  readonly room: string;
  /** Key of the recipient of a private message; empty: the room. */
  readonly to: string;
}

/** Names of messages that a switch remembers, some 300 octets each; of older ones the history knows. */
const namesKept = 50_000;

/** The latest messages that went through this switch, by their names. */
export class KnownMessages {
  private readonly byName = new Map<string, readonly KnownMessage[]>();
  private readonly limit: number;

  constructor(limit: number = namesKept) {
    this.limit = limit;
  }

  /** A message has come whole; one of this sender by that name, at that time, is known no longer as it was. */
  put(place: Place, message: KnownMessage): void {
    const before = this.find(place, message.messageId).find((other) => isSame(other, message));
    for (const name of before?.names ?? []) if (!message.names.includes(name)) this.forget(name, place, message);
    for (const name of [message.messageId, ...message.names]) this.putAs(name, place, message);
    while (this.byName.size > this.limit) this.byName.delete(this.byName.keys().next().value ?? '');
  }

  /** All that are called so there. */
  find(place: Place, name: string): readonly KnownMessage[] {
    return this.byName.get(keyOf(place, name)) ?? [];
  }

  private forget(name: string, place: Place, message: KnownMessage): void {
    const key = keyOf(place, name);
    const others = this.find(place, name).filter((other) => !isSame(other, message));
    if (others.length === 0) this.byName.delete(key);
    else this.byName.set(key, others);
  }

  private putAs(name: string, place: Place, message: KnownMessage): void {
    const key = keyOf(place, name);
    const others = (this.byName.get(key) ?? []).filter((other) => !isSame(other, message));
    // A room may say one name again and again.
    this.byName.set(key, [...others.slice(-sharing), message]);
  }
}

/** Messages of one name that are told apart. */
const sharing = 7;

function isSame(one: KnownMessage, other: KnownMessage): boolean {
  return one.messageId === other.messageId && one.sender === other.sender;
}

function keyOf({ room, to }: Place, name: string): string {
  return `${room}\n${to}\n${name}`;
}
