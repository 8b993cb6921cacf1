import { readRates, shortestPause } from '../subscription/rates.ts';
import { secondsLeft } from '../subscription/subscription.ts';
import type { Notified } from '../adapters/edge-client.ts';
import { nextPlate } from './next-notice.ts';
import { advance, tagOf } from './subscription-state.ts';
import type { CallContext, CallSurroundings, Live } from './subscription-state.ts';

/**
 * Tells a subscriber what is new, now or as soon as its rate allows; nothing while a NOTIFY is on its way, after which
 * this is asked again.
 *
 * @spec RFC 6446 §5.2 (MUST NOT be sooner than the reciprocal of max-rate)
 */
export async function renew(around: CallSurroundings, context: CallContext, live: Live): Promise<void> {
  if (live.delivery.state !== 'Quiet') return;
  const next = nextPlate(around.press, live, live.shown);
  if (next === undefined) return;
  if (live.isFetch && next.isLast) {
    await advance(around, context, live, { kind: 'End', reason: 'timeout' });
    return;
  }
  const pause = (live.sentAt.at(-1) ?? -Infinity) + shortestPause(live.stored.subscription.rates) - context.clock.now();
  if (pause > 0) context.arm(`pace ${tagOf(live)}`, pause, { kind: 'Due', tag: tagOf(live) });
  else await advance(around, context, live, { kind: 'News' });
}

/** Tells the whole state, at once and whatever was told before. */
export async function tellAll(around: CallSurroundings, context: CallContext, live: Live): Promise<void> {
  live.shown = undefined;
  live.showing = undefined;
  if (live.roster !== undefined && !live.isFetch) await advance(around, context, live, { kind: 'News' });
}

/** Goes on when it is known what became of a NOTIFY. */
export async function settle(
  around: CallSurroundings,
  context: CallContext,
  live: Live,
  { outcome, event }: Notified,
): Promise<void> {
  around.events.notified(outcome);
  live.shown = outcome === 'taken' ? live.showing : undefined;
  if (event !== undefined) changeRates(around, live, event.parameters);
  await advance(around, context, live, { kind: 'Settled', outcome: outcome === 'complained' ? 'taken' : outcome });
  // One that complained is told again when there is news, not at once.
  if (outcome === 'taken') await renew(around, context, live);
}

/** @spec RFC 6446 §9.3 (all desired values are in the Event of a 2xx) */
function changeRates({ clock }: CallSurroundings, live: Live, parameters: Parameters<typeof readRates>[0]): void {
  const { subscription } = live.stored;
  const rates = readRates(parameters, secondsLeft(subscription, clock.wallTime()));
  live.stored = { ...live.stored, subscription: { ...subscription, rates } };
}
