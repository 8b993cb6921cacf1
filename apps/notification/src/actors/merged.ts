import type { Result } from '@parley/prelude';
import { field, read } from '@parley/sip';
import { defaultTimers } from '@parley/sip-stack';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import type { Request } from '../subscription/accept.ts';
import type { CallContext, CallSurroundings, Live } from './subscription-state.ts';

/** Milliseconds for which the transaction of a SUBSCRIBE goes on. @spec RFC 3261 §17.2.2 (Timer J) */
const lasting = 64 * defaultTimers.t1;

/**
 * Whether a SUBSCRIBE outside of dialogs is a copy of one that came by another way and still has its transaction; undefined:
 * no copy came. Where the edge of the first has died the client has gone on to another one (RFC 3263 §4.3): what it made
 * there ends with its NOTIFY.
 *
 * @returns 482
 * @spec RFC 3261 §8.2.2.2
 */
export function mergedWith(
  { clock, edges }: Pick<CallSurroundings, 'clock' | 'edges'>,
  { state }: Pick<CallContext, 'state'>,
  request: Request,
): Promise<Result<void, SipRefusal>> | undefined {
  const waiting = [...state.waiting.values()].find((one) => isCopy(one.request, request));
  const live = [...state.live.values()].find((one) => one.since + lasting >= clock.now() && cameBy(one, request));
  const first = waiting?.request.reach ?? live?.stored.subscription.reach;
  if (first === undefined) return undefined;
  const isSame = first.edgeInstance === request.reach.edgeInstance;
  return (isSame ? Promise.resolve(false) : edges.isGone(first.edgeInstance)).then((gone) =>
    gone ? { ok: true, value: undefined } : { ok: false, error: merged },
  );
}

/** Whether a SUBSCRIBE that waits is one of the same words. */
function isCopy(one: Request, { identity, request }: Request): boolean {
  const [ours, theirs] = [namesOf(one.request), namesOf(request)];
  return one.identity === identity && ours.tag === theirs.tag && ours.sequence === theirs.sequence;
}

/** Whether a subscription was made by one of the same words; within its dialog the number only rises. */
function cameBy({ stored: { subscription } }: Live, { identity, request }: Request): boolean {
  const { dialog, participant } = subscription;
  const { tag, sequence } = namesOf(request);
  const isMade = dialog.remoteTag === tag && sequence <= (dialog.remoteSequence ?? 0);
  return isMade && participant === undefined && subscription.identity === identity;
}

/** What copies share besides their Call-ID. */
function namesOf(request: Request['request']): { readonly tag: string; readonly sequence: number } {
  const [from, cSeq] = [read(request, field.from), read(request, field.cSeq)];
  const tag = (from.ok ? from.value?.tag : undefined) ?? '';
  return { tag, sequence: (cSeq.ok ? cSeq.value?.sequence : undefined) ?? 0 };
}

const merged = sipRefusal(482, 'this request came by another way before');
