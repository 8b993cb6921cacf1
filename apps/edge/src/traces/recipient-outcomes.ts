import type { lists } from '@parley/contracts';
import type { TraceStep } from './trace-step.ts';
import { mailboxCleared } from './trace-step.ts';

/** What became of a message for each recipient, by its steps: one that a device has is delivered, whatever others said. */
export function recipientOutcomes(
  steps: readonly TraceStep[],
  uriOf: (key: string) => string,
): readonly lists.RecipientOutcome[] {
  const outcomes = new Map<string, lists.RecipientOutcome>();
  for (const step of steps) {
    if (step.recipient === '' || step.kind === 'notified') continue;
    const uri = uriOf(step.recipient);
    outcomes.set(uri, next(outcomes.get(uri) ?? { uri, status: 0, reason: '' }, step));
  }
  return [...outcomes.values()];
}

/** The outcomes that a list recorded when it sent its copies, with what became known since. */
export function withLater(
  recorded: readonly lists.RecipientOutcome[],
  later: readonly lists.RecipientOutcome[],
): readonly lists.RecipientOutcome[] {
  const byUri = new Map(later.map((outcome) => [outcome.uri, outcome]));
  return recorded.map((outcome) => {
    const newer = byUri.get(outcome.uri);
    return outcome.status === 202 && newer !== undefined && newer.status >= 200 ? newer : outcome;
  });
}

function next(now: lists.RecipientOutcome, { kind, status, reason }: TraceStep): lists.RecipientOutcome {
  const { uri } = now;
  switch (kind) {
    case 'delivered':
      return { uri, status: 200, reason: 'OK' };
    case 'stored':
      return isDelivered(now) ? now : { uri, status: 202, reason: 'Accepted' };
    case 'refused':
      return isDelivered(now) ? now : { uri, status, reason };
    case 'expired':
      return isDelivered(now) ? now : { uri, status: 480, reason: 'Expired' };
    case 'cleared':
      return isDelivered(now) ? now : { uri, status: 480, reason: mailboxCleared };
    case 'recalled':
      return isDelivered(now) ? now : { uri, status: 200, reason: 'Recalled' };
    default:
      return now;
  }
}

function isDelivered({ status }: lists.RecipientOutcome): boolean {
  return status === 200;
}
