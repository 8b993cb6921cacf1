import type { EventEmitter } from 'node:events';

/** A connection as far as its flow and its listener know it: a Socket of `node:net` or of `node:tls`, or one of the add-on. */
export interface StreamSocket extends EventEmitter {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  on(event: 'error', heard: (error: Error) => void): this;
  on(event: 'end' | 'close', heard: () => void): this;
  end(): unknown;
  destroy(): unknown;
}
