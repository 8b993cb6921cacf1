import type { lists } from '@parley/contracts';
import { recipientOutcomes } from './recipient-outcomes.ts';
import type { TraceStep } from './trace-step.ts';

/** Steps that are told: with the outcomes of as many recipients as a list may have they fit into one message of NATS. */
const mostTold = 2_000;

/**
 * What became of one message, from whatever steps were kept.
 *
 * @param all - steps of messages of this Message-ID or Call-ID, in any order; the same one may be there twice
 * @param uriOf - the address that a recipient in one spelling stands for
 * @returns undefined when none of them is of a message that was followed
 */
export function storyOf(
  id: string,
  all: readonly TraceStep[],
  uriOf: (key: string) => string,
): lists.ListMessage | undefined {
  const sorted = unique(all).toSorted((a, b) => a.at - b.at);
  // Nobody keeps another from giving his message the same Message-ID: the first is meant.
  const first = sorted.find(isOfFollowed);
  if (first === undefined) return undefined;
  const { sender, messageId, callId, cseq } = first;
  const ours = sorted.filter((step) => step.sender === sender);
  const recipients = new Set(ours.filter(isOfFollowed).map(({ recipient }) => recipient));
  const steps = ours.filter(({ kind, recipient }) => kind !== 'notified' || recipients.has(recipient));
  const outcomes = recipientOutcomes(steps, uriOf);
  return {
    id,
    sender: uriOf(sender),
    list: first.to,
    acceptedAt: first.at,
    done: outcomes.every(({ status }) => status !== 0 && status !== 202),
    recipients: outcomes,
    messageId,
    callId,
    cseq,
    steps: steps.slice(0, mostTold).map(({ at, kind, recipient, devices, status, reason }) => ({
      ...{ at, kind, devices, status, reason },
      recipient: recipient === '' ? '' : uriOf(recipient),
    })),
  };
}

/** The id of the message to a list that it was. */
export function jobOf(steps: readonly TraceStep[]): string {
  return steps.find(({ job }) => job !== '')?.job ?? '';
}

/** Whether it is a step that only the way of a message itself makes. */
function isOfFollowed({ kind }: TraceStep): boolean {
  return kind !== 'notified' && kind !== 'replaced' && kind !== 'recalled';
}

/** A batch that was stored twice, since nobody heard that it was the first time, counts once. */
function unique(steps: readonly TraceStep[]): readonly TraceStep[] {
  return [...new Map(steps.map((step) => [JSON.stringify(step), step])).values()];
}
