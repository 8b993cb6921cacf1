import type { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { Session } from './session.ts';

/** What a session needs of its connection. Nothing here waits or fails: a connection that cannot go on ends later. */
export interface Outlet {
  /** False from the moment that it will write nothing more. */
  readonly isOpen: boolean;
  /** Whether much waits here, and the peer is taking it. */
  readonly isBehind: boolean;
  /** Whether nothing is read from it. */
  readonly isHeld: boolean;
  /** Stops reading from it, so that its peer has to wait. */
  hold(): void;
  letGo(): void;
  /** Notes when the peer took nothing since the last call: it then no longer counts as behind, but as gone silent. */
  checkProgress(): void;
  /** Queues a message of its own; one octet per character. */
  send(text: string): void;
  /** Queues a chunk; `paths` are the path lines of the session. */
  deliver(chunk: OutgoingChunk, paths: Uint8Array): void;
  /** A session ended; when it was the last one here, the connection may end too. */
  released(session: Session): void;
}
