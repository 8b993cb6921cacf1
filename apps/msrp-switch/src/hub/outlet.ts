import type { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { Session } from './session.ts';

/** What a session needs of its connection. Nothing here waits or fails: a connection that cannot go on ends later. */
export interface Outlet {
  /** False from the moment that it will write nothing more. */
  readonly isOpen: boolean;
  /** Queues a message of its own; one octet per character. */
  send(text: string): void;
  /** Queues a chunk; `paths` are the path lines of the session. */
  deliver(chunk: OutgoingChunk, paths: Uint8Array): void;
  /** A session ended; when it was the last one here, the connection may end too. */
  released(session: Session): void;
}
