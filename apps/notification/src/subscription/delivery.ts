import type { EndReason } from './notify.ts';

/**
 * How the news of one subscription travels: at most one NOTIFY at a time. What happens meanwhile is told by the next one,
 * for which the owner looks at what has been taken once all is quiet.
 */
export type Delivery =
  | { readonly state: 'Quiet' }
  /** One NOTIFY is on its way. */
  | { readonly state: 'Sending'; readonly then: 'nothing' | EndReason }
  /** The last NOTIFY is on its way. */
  | { readonly state: 'Ending' }
  | { readonly state: 'Ended' };

/** What happens to it. */
export type DeliveryInput =
  /** There is something to tell. */
  | { readonly kind: 'News' }
  /** The subscription is to end, with a last word. */
  | { readonly kind: 'End'; readonly reason: EndReason }
  /** The NOTIFY was answered, or was not: `over` when that ends the subscription (RFC 6665 §4.2.2). */
  | { readonly kind: 'Settled'; readonly outcome: 'taken' | 'failed' | 'over' };

/** What is to be done. */
export type DeliveryEffect =
  | { readonly kind: 'Send'; readonly end: EndReason | undefined }
  /** Try again a little later: NATS is away. */
  | { readonly kind: 'Retry' }
  | { readonly kind: 'Remove' };

type Outcome = readonly [Delivery, readonly DeliveryEffect[]];

/** One step of the machine. */
export function stepDelivery(delivery: Delivery, input: DeliveryInput): Outcome {
  switch (delivery.state) {
    case 'Quiet':
      return whenQuiet(delivery, input);
    case 'Sending':
      return whenSending(delivery, input);
    case 'Ending':
      return input.kind === 'Settled' ? [{ state: 'Ended' }, [{ kind: 'Remove' }]] : [delivery, []];
    case 'Ended':
      return [delivery, []];
  }
}

function send(): Outcome {
  return [{ state: 'Sending', then: 'nothing' }, [{ kind: 'Send', end: undefined }]];
}

function sendLast(reason: EndReason): Outcome {
  return [{ state: 'Ending' }, [{ kind: 'Send', end: reason }]];
}

function whenQuiet(delivery: Delivery, input: DeliveryInput): Outcome {
  if (input.kind === 'News') return send();
  if (input.kind === 'End') return sendLast(input.reason);
  return [delivery, []];
}

function whenSending(delivery: Extract<Delivery, { state: 'Sending' }>, input: DeliveryInput): Outcome {
  const { then } = delivery;
  if (input.kind === 'News') return [delivery, []];
  if (input.kind === 'End') return [{ state: 'Sending', then: then === 'nothing' ? input.reason : then }, []];
  if (input.outcome === 'over') return [{ state: 'Ended' }, [{ kind: 'Remove' }]];
  if (then !== 'nothing') return sendLast(then);
  return [{ state: 'Quiet' }, input.outcome === 'failed' ? [{ kind: 'Retry' }] : []];
}
