import type { Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';
import { busFailure } from './bus-failure.ts';
import { failureOf, requestHeaders } from './envelope.ts';
import type { LinkMessage } from './link.ts';
import type { Requests } from './requests.ts';

/** First and longest pause before a subject that nobody serves is tried again, milliseconds; it doubles in between. */
const firstPause = 20;
const longestPause = 250;

/** A request that is to be answered by somebody before its deadline. */
export interface RetriedRequest {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly deadline: number;
  readonly trace: string | undefined;
  /** Told before each further try. */
  readonly onRetry: () => void;
  /** Whether the answer is no longer wanted, so that nothing is tried any more. */
  readonly isOver?: (() => boolean) | undefined;
}

/**
 * Asks until somebody answers. A shard that changes hands has no responder for as long as its lease runs, so that waiting
 * is the usual way through a failover.
 */
export async function askUntilDeadline(
  requests: Requests,
  clock: Clock,
  { subject, data, deadline, trace, onRetry, isOver }: RetriedRequest,
): Promise<Result<LinkMessage, BusFailure>> {
  if (deadline <= clock.now()) return err(busFailure('timeout', `the deadline of a request on ${subject} passed`));
  for (let pause = firstPause; ; pause = Math.min(2 * pause, longestPause)) {
    const within = deadline - clock.now();
    if (within <= 0) return err(nobody(subject)); // the pause took longer than it was to
    const answer = await requests.ask({ subject, data, headers: requestHeaders(within, trace), within });
    if (!answer.ok) return answer;
    if (!answer.value.isNoResponder && failureOf(answer.value) !== 'declined') return readAnswer(subject, answer.value);
    if (clock.now() + pause >= deadline) return err(nobody(subject));
    await wait(clock, pause);
    if (isOver?.() === true) return err(busFailure('timeout', `${subject} was asked for what is answered`));
    onRetry();
  }
}

function nobody(subject: string): BusFailure {
  return busFailure('no-responder', `nobody serves ${subject}`);
}

function wait(clock: Clock, delay: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delay, resolve);
  });
}

function readAnswer(subject: string, message: LinkMessage): Result<LinkMessage, BusFailure> {
  switch (failureOf(message)) {
    case undefined:
      return ok(message);
    case 'busy':
      return err(busFailure('busy', `the backlog of ${subject} is full`));
    case 'expired':
      return err(busFailure('timeout', `${subject} came to a request after its deadline`));
    case 'unreadable':
      return err(busFailure('unreadable', `${subject} cannot read the request`));
    case 'refused':
      return err(busFailure('refused', `the answer of ${subject} cannot be sent`));
    case 'declined':
    case 'fault':
      return err(busFailure('fault', `the handler of ${subject} failed`));
  }
}
