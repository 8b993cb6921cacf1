import type { Headers, LinkMessage } from './link.ts';

const timeoutHeader = 'Parley-Timeout';
const failureHeader = 'Parley-Failure';
const traceHeader = 'traceparent';

/** Why a server answers without an answer. */
export const answerFailures = ['busy', 'declined', 'expired', 'fault', 'refused', 'unreadable'] as const;

/** One of {@link answerFailures}. */
export type AnswerFailure = (typeof answerFailures)[number];

/** How long a request without the header is worth an answer, milliseconds. */
const assumedTimeout = 5000;

/** Headers of a message that wants no answer. */
export function messageHeaders(trace: string | undefined): Headers {
  return trace === undefined ? [] : [[traceHeader, trace]];
}

/**
 * Headers of a request.
 *
 * @param remaining - milliseconds until its deadline; a duration, since clocks of two machines differ
 */
export function requestHeaders(remaining: number, trace: string | undefined): Headers {
  const timeout = [timeoutHeader, String(Math.ceil(remaining))] as const;
  return trace === undefined ? [timeout] : [timeout, [traceHeader, trace]];
}

/** Headers of an answer that is none. */
export function failureHeaders(failure: AnswerFailure): Headers {
  return [[failureHeader, failure]];
}

/** Milliseconds from now until the asker gives up. */
export function remainingTime(message: LinkMessage): number {
  const remaining = Number(message.header(timeoutHeader) ?? assumedTimeout);
  return remaining >= 0 ? remaining : assumedTimeout;
}

/** The trace context of a message. */
export function traceOf(message: LinkMessage): string | undefined {
  return message.header(traceHeader);
}

/** Why the answer is none; undefined when it is one. A word that this version does not know counts as a fault. */
export function failureOf(message: LinkMessage): AnswerFailure | undefined {
  const word = message.header(failureHeader);
  if (word === undefined) return undefined;
  return answerFailures.find((failure) => failure === word) ?? 'fault';
}
