import type { ParseError } from '@parley/prelude';
import type { Answerable, ContinuationFlag, MsrpRequestHead } from './request-head.ts';
import type { MsrpResponse } from './response.ts';

/** Something that went wrong in the bytes of the other side. */
export interface MsrpReadError {
  readonly kind: 'error';
  readonly error: ParseError;
  /**
   * `true`: where the next message begins is unknown; close the connection, the reader ignores what follows.
   * `false`: the rest of this request or response is passed over, then reading goes on. After a `start` it stands in
   * the place of `end`.
   */
  readonly fatal: boolean;
  /** Code for the answer: 400, or 413 when a limit of the body was passed. */
  readonly status: number;
  /** What to answer to; absent after a fatal error, for a response, and when a path cannot be read. */
  readonly request: Answerable | undefined;
}

/** What a reader makes of the bytes. A chunk is `start`, any number of `body`, then `end` or a non-fatal `error`. */
export type MsrpEvent =
  | { readonly kind: 'request'; readonly request: MsrpRequestHead; readonly flag: ContinuationFlag }
  | { readonly kind: 'start'; readonly request: MsrpRequestHead }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly flag: ContinuationFlag }
  | { readonly kind: 'response'; readonly response: MsrpResponse }
  | MsrpReadError;
