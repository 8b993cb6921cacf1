import { field, read, readRaw } from '@parley/sip';
import type { SipMessage, Via } from '@parley/sip';

/** What matching needs of the top Via. */
export interface TopVia {
  /** Undefined where an RFC 2543 element left it out. */
  readonly branch: string | undefined;
  /** Host in lower case and the port that was written. */
  readonly sentBy: string;
}

/** Start of every branch that identifies its transaction alone. @spec RFC 3261 §8.1.1.7 */
export const magicCookie = 'z9hG4bK';

/**
 * Branch and sent-by of the top Via.
 *
 * @returns undefined when there is no Via that can be read
 */
export function readTopVia(message: SipMessage): TopVia | undefined {
  const via = read(message, field.via);
  return via.ok && via.value !== undefined ? { branch: via.value.branch, sentBy: sentByOf(via.value) } : undefined;
}

/** Host and port of the Via as one string. */
export function sentByOf(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.host.toLowerCase()}${port}`;
}

/** Method that the CSeq names, or undefined when there is none. @spec RFC 3261 §20.16 */
export function cSeqMethod(message: SipMessage): string | undefined {
  const value = readRaw(message, field.cSeq);
  if (value === undefined) return undefined;
  let start = value.length;
  while (start > 0 && !isBlank(value.charCodeAt(start - 1))) start--;
  return start === 0 ? undefined : value.slice(start);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
