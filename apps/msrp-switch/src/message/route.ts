import type { MessageHead } from './message-head.ts';

/** What a route needs to know of a session. */
export interface Party {
  /** Whether it has a connection. */
  readonly isBound: boolean;
  readonly takesPrivate: boolean;
}

/** What a route needs to know of who speaks. */
export interface Speaker {
  /** Whether the room lets it speak to all. */
  readonly maySpeak: boolean;
  /** Whether the participant is known by this URI. */
  owns(uri: string): boolean;
}

/** What a route needs to know of the room. */
export interface Roster<P extends Party> {
  readonly allowsPrivate: boolean;
  isRoom(uri: string): boolean;
  /** Sessions of the participant who is known by this URI. */
  sessionsOf(uri: string): readonly P[];
}

/** Which words a room uses. */
export type Dialect = 'draft-03' | 'rfc7701';

/** Whom a message goes to, or why to nobody: by a response, or by a REPORT behind a 200. */
export type Route<P> =
  | { readonly kind: 'room' }
  | { readonly kind: 'private'; readonly to: readonly P[] }
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'reported'; readonly code: number };

/**
 * Decides by CPIM From and To.
 *
 * @deviation several To are refused in draft-03 too, which says nothing of them: one answer could not tell which failed
 * @spec draft-ietf-simple-chat-03 §6.1–6.2; RFC 7701 §6.1–6.3
 */
export function routeMessage<P extends Party>(
  { from, to }: Pick<MessageHead, 'from' | 'to'>,
  sender: P & Speaker,
  roster: Roster<P>,
  dialect: Dialect,
): Route<P> {
  if (from === undefined || !sender.owns(from)) return { kind: 'refused', code: 403 };
  if (to !== undefined && to.length > 1) return { kind: 'refused', code: 403 };
  const [recipient] = to ?? [];
  if (recipient === undefined) return unknownRecipient(dialect);
  if (roster.isRoom(recipient)) return sender.maySpeak ? { kind: 'room' } : { kind: 'refused', code: 403 };
  return privateRoute(recipient, sender, roster, dialect);
}

function privateRoute<P extends Party>(uri: string, sender: P, roster: Roster<P>, dialect: Dialect): Route<P> {
  // Who is in a room without private messages is nobody's to learn by trying.
  if (!roster.allowsPrivate) return failed(428, dialect);
  const all = roster.sessionsOf(uri).filter(({ isBound }) => isBound);
  if (all.length === 0) return unknownRecipient(dialect);
  const able = all.filter(({ takesPrivate }) => takesPrivate);
  if (able.length === 0) return failed(428, dialect);
  // Somebody who writes to himself reaches his other devices.
  return { kind: 'private', to: able.filter((session) => session !== sender) };
}

function unknownRecipient<P>(dialect: Dialect): Route<P> {
  return failed(dialect === 'draft-03' ? 427 : 404, dialect);
}

function failed<P>(code: number, dialect: Dialect): Route<P> {
  return { kind: dialect === 'draft-03' ? 'reported' : 'refused', code };
}
