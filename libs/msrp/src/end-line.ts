import type { ContinuationFlag } from './request-head.ts';

/** The line that closes a request or response, its CRLF included. @spec RFC 4975 §7.1 */
export function endLine(transactionId: string, flag: ContinuationFlag): string {
  return `-------${transactionId}${flag}\r\n`;
}

/** The end-line behind a body, with the CRLF in front that is not part of the body. @spec RFC 4975 §7.1 */
export function endLineAfterBody(transactionId: string, flag: ContinuationFlag): string {
  return `\r\n-------${transactionId}${flag}\r\n`;
}

/** The flag that a character of one octet stands for. */
export function flagOf(code: number): ContinuationFlag | undefined {
  if (code === 0x24) return '$';
  if (code === 0x2b) return '+';
  return code === 0x23 ? '#' : undefined;
}
