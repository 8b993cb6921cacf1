import type { Session } from '../hub/session.ts';

/** A message that somebody may want to replace or recall, or tell something of. */
export interface KnownMessage {
  /** imdn.Message-ID where it has one, else that of MSRP. */
  readonly messageId: string;
  /** Who said it, as the room knows him. */
  readonly sender: string;
  /** When it came, milliseconds since 1970. */
  readonly at: number;
  /** Message-IDs of what took its place, which go on to mean it; the last is of what stands there. */
  readonly names: readonly string[];
  readonly isRecalled: boolean;
  /** Whether the history alone knows this of it, so that nobody may have been told of the last that was done to it. */
  readonly isOnlyKept?: boolean;
  /** Who said it, where that was here: what is said of it goes behind it. */
  readonly source?: WeakRef<Session>;
}

/** Octets of a name: with this, and so many names, the amendments of a range of the history fit into one record. */
export const mostNameOctets = 256;

/** Names that a message has beside its first. */
const namesKept = 8;

/** The names of a message with one more: whoever amends it names the first or one of the latest. */
export function namedAlso(names: readonly string[], name: string): readonly string[] {
  return names.at(-1) === name ? names : [...names, name].slice(-namesKept);
}

/** Messages that somebody may amend under a name, or why not. */
export type Amendable =
  | { readonly kind: 'own'; readonly messages: readonly KnownMessage[] }
  /** It is another's. */
  | { readonly kind: 'foreign' }
  /** Nobody knows it, or it was recalled before. */
  | { readonly kind: 'unknown' };

/** What a name means for a sender. @spec docs/specs/replace-message.md §5, §9.3 */
export function amendableBy(sender: string, found: readonly KnownMessage[]): Amendable {
  const own = found.filter((message) => message.sender === sender);
  if (own.length === 0) return found.length > 0 ? { kind: 'foreign' } : { kind: 'unknown' };
  const messages = own.filter(({ isRecalled }) => !isRecalled);
  return messages.length === own.length ? { kind: 'own', messages } : { kind: 'unknown' };
}

/** All that is his of these, when the latest that was done to each of them has this name. */
export function doneBy(
  sender: string,
  found: readonly KnownMessage[],
  name: string,
): readonly KnownMessage[] | undefined {
  const own = found.filter((message) => message.sender === sender);
  return own.length > 0 && own.every(({ names }) => names.at(-1) === name) ? own : undefined;
}

/** One list of what several places know: what one knows to be recalled is, and of the names all are kept. */
export function merged(lists: readonly (readonly KnownMessage[])[]): readonly KnownMessage[] {
  const found = new Map<string, KnownMessage>();
  for (const message of lists.flat()) {
    const key = `${message.messageId}\n${message.sender}`;
    const known = found.get(key);
    found.set(key, known === undefined ? message : both(known, message));
  }
  return [...found.values()];
}

/** The names of both, those of who knows less in front: the last is of what stands there now. */
function inOrder(one: readonly string[], other: readonly string[]): readonly string[] {
  const last = other.at(-1);
  const [older, newer] = last === undefined || one.includes(last) ? [other, one] : [one, other];
  return [...older.filter((name) => !newer.includes(name)), ...newer];
}

function both(one: KnownMessage, other: KnownMessage): KnownMessage {
  return {
    ...(one.source === undefined ? other : one),
    at: Math.min(one.at, other.at),
    names: inOrder(one.names, other.names),
    isRecalled: one.isRecalled || other.isRecalled,
    isOnlyKept: one.isOnlyKept === true && other.isOnlyKept === true,
  };
}
