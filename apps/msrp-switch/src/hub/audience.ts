import type { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { Session } from './session.ts';

/** What passes a message on to where more of the room is, or keeps it: sent every chunk like a recipient. */
export interface Forwarder {
  /** False from the moment that it takes nothing more. */
  readonly isOpen: boolean;
  /** Whether much waits for it, and is being taken; its sender has to wait then, as many depend on it. */
  readonly isBehind: boolean;
  /** Notes when nothing was taken since the last call: it then no longer counts as behind, but as gone silent. */
  checkProgress(): void;
  deliver(chunk: OutgoingChunk): void;
}

/** Who hears a message. */
export interface Audience {
  readonly recipients: readonly Session[];
  readonly beyond: readonly Forwarder[];
}
