import type { OutputQueue } from './output-queue.ts';

/** What carries the octets of one connection: a TCP or TLS socket, or a WebSocket. */
export interface Pipe {
  /** Octets handed over that the kernel has not taken. */
  readonly waiting: number;
  /** Writes all that is queued. */
  write(queue: OutputQueue): void;
  /** Closes after what was written. */
  end(): void;
  /** Closes now. */
  cut(): void;
}
