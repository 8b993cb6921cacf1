import type { ParseError } from '@parley/prelude';
import type { SipMessage } from './message.ts';

/** Why bytes are not a message, and what of them can still be used to answer. */
export interface SipParseError extends ParseError {
  /**
   * Status that names the fault: 400, 413, 505, 513. Undefined when nothing may be answered: a response, or bytes in which
   * no request line is recognisable.
   */
  readonly status: number | undefined;
  /**
   * The start-line and the well-formed header fields. For a request, `createResponseTo` copies from it what an answer
   * needs; an answer makes sense when it has a Via.
   */
  readonly salvaged: SipMessage | undefined;
}

/** Builds a {@link SipParseError}; a status is only suggested when there is a request to answer. */
export function sipParseError(cause: ParseError, status: number, salvaged: SipMessage | undefined): SipParseError {
  return { ...cause, status: salvaged?.kind === 'request' ? status : undefined, salvaged };
}
