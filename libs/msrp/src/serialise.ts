import { serialiseByteRange } from './byte-range.ts';
import { endLine, endLineAfterBody } from './end-line.ts';
import type { HeaderField } from './header-field.ts';
import type { ContinuationFlag, MsrpRequestHead } from './request-head.ts';
import type { MsrpResponse } from './response.ts';
import { serialiseStatus, threeDigits } from './status.ts';

/** Header fields as lines. */
export function fieldLines(fields: readonly HeaderField[]): string {
  let text = '';
  for (const { name, value } of fields) text += `${name}: ${value}\r\n`;
  return text;
}

/** Everything of a head behind the paths: what all recipients of one message share. */
export type SharedHead = Omit<MsrpRequestHead, 'transactionId' | 'toPath' | 'fromPath'>;

/** Lines behind the paths and, with a Content-Type, the empty line; Content-Type comes last, RFC 4975 §7.1. */
export function linesBehindPaths(head: SharedHead): string {
  let text = '';
  if (head.messageId !== undefined) text += `Message-ID: ${head.messageId}\r\n`;
  if (head.byteRange !== undefined) text += `Byte-Range: ${serialiseByteRange(head.byteRange)}\r\n`;
  if (head.successReport !== undefined) text += `Success-Report: ${head.successReport}\r\n`;
  if (head.failureReport !== undefined) text += `Failure-Report: ${head.failureReport}\r\n`;
  if (head.status !== undefined) text += `Status: ${serialiseStatus(head.status)}\r\n`;
  text += fieldLines(head.fields);
  return head.contentType === undefined ? text : `${text}Content-Type: ${head.contentType}\r\n\r\n`;
}

/** Start line to empty line, one character per octet; what follows is the body, or the end-line when it has none. */
export function serialiseRequestHead(head: MsrpRequestHead): string {
  const { transactionId, method, toPath, fromPath } = head;
  return (
    `MSRP ${transactionId} ${method}\r\nTo-Path: ${toPath.text}\r\nFrom-Path: ${fromPath.text}\r\n` +
    linesBehindPaths(head)
  );
}

/**
 * A whole request, one character per octet.
 *
 * @param body - one character per octet; written only when the head has a Content-Type
 */
export function serialiseRequest(head: MsrpRequestHead, flag: ContinuationFlag, body = ''): string {
  if (head.contentType === undefined) return serialiseRequestHead(head) + endLine(head.transactionId, flag);
  return serialiseRequestHead(head) + body + endLineAfterBody(head.transactionId, flag);
}

/** A whole response, one character per octet. @spec RFC 4975 §7.2 */
export function serialiseResponse(response: MsrpResponse): string {
  const { transactionId, code, comment, toPath, fromPath, fields } = response;
  const phrase = comment === '' ? '' : ` ${comment}`;
  return (
    `MSRP ${transactionId} ${threeDigits(code)}${phrase}\r\n` +
    `To-Path: ${toPath.text}\r\nFrom-Path: ${fromPath.text}\r\n${fieldLines(fields)}${endLine(transactionId, '$')}`
  );
}
