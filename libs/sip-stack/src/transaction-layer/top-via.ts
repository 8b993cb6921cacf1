import { field, read, readRaw } from '@parley/sip';
import type { SipMessage, Via } from '@parley/sip';
import { plainVia } from './plain-via.ts';

/** What matching needs of the top Via. */
export interface TopVia {
  /** Undefined where an RFC 2543 element left it out. */
  readonly branch: string | undefined;
  /** Host in lower case and the port that was written. */
  readonly sentBy: string;
}

/** Start of every branch that identifies its transaction alone. @spec RFC 3261 §8.1.1.7 */
export const magicCookie = 'z9hG4bK';

const branchStart = ';branch=';

/**
 * Branch and sent-by of the top Via.
 *
 * @returns undefined when there is no Via that can be read
 */
export function readTopVia(message: SipMessage): TopVia | undefined {
  const via = read(message, field.via);
  if (!via.ok) return cutTopVia(readRaw(message, 'Via') ?? '');
  return via.value === undefined ? undefined : { branch: via.value.branch, sentBy: sentByOf(via.value) };
}

/** What is left to find where the field is broken: enough to refuse its request. */
function cutTopVia(text: string): TopVia | undefined {
  const cut = plainVia(text);
  const branch = cut?.protocol.startsWith('SIP/2.0/') === true ? branchIn(cut.parameters) : undefined;
  return cut === undefined || branch === undefined ? undefined : { branch, sentBy: cut.sentBy.toLowerCase() };
}

/** The branch among parameters without blanks or quotes; what cannot be one is left to the parser. */
function branchIn(parameters: string): string | undefined {
  const start = parameters.indexOf(branchStart);
  if (start === -1) return undefined;
  const from = start + branchStart.length;
  const semicolon = parameters.indexOf(';', from);
  const value = semicolon === -1 ? parameters.slice(from) : parameters.slice(from, semicolon);
  return upToEquals(value);
}

/** @deviation a branch in base64 with its padding, which is no token, still names its transaction: it can be refused */
function upToEquals(value: string): string | undefined {
  const equals = value.indexOf('=');
  const branch = equals === -1 ? value : value.slice(0, equals);
  return branch === '' ? undefined : branch;
}

/** Host and port of the Via as one string. */
export function sentByOf(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.host.toLowerCase()}${port}`;
}

/** Method that the CSeq names, or undefined when there is none. @spec RFC 3261 §20.16 */
export function cSeqMethod(message: SipMessage): string | undefined {
  const value = readRaw(message, 'CSeq');
  if (value === undefined) return undefined;
  const blank = Math.max(value.lastIndexOf(' '), value.lastIndexOf('\t'));
  return blank === -1 ? undefined : value.slice(blank + 1);
}
