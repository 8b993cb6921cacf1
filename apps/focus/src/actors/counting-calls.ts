import { askOwner } from '@parley/bus';
import type { Bus } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { rpc } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { done, refused } from '../room/decision.ts';
import type { CallQuota } from './call-quota.ts';

/** Calls that somebody causes by one command. */
export interface CausedCalls {
  /** Address-of-record. */
  readonly caller: string;
  /** Into which they are. */
  readonly room: string;
  readonly commandId: string;
  readonly calls: number;
}

/** Milliseconds for an answer, which takes one: the participant waits for ours meanwhile. */
const patience = 2_000;

/**
 * Whether somebody may cause calls. Whichever room he does it in, one focus counts: that which holds the shard of his address.
 *
 * @returns 503 when they are too many, with the seconds until they are not, or when nobody can say
 */
export async function countCalls(
  { bus, clock }: { readonly bus: Bus; readonly clock: Clock },
  { caller, room, commandId, calls }: CausedCalls,
): Promise<Result<void, Refusal>> {
  // Clients write what ids are made of, and may write the same for another room.
  const id = `${room} ${commandId}`;
  const command = { commandId: id, room: caller, command: { kind: 'countCalls', value: { calls } } } as const;
  const deadline = clock.now() + patience;
  const reply = await askOwner(bus, 'focus', caller, rpc.focus, command, { deadline });
  if (!reply.ok) return err(refusal(503, 'Service Unavailable', 'nobody counts the calls of this user now', 5));
  const { outcome } = reply.value;
  if (outcome?.kind !== 'refusal' || outcome.value.status === notCounted) return ok(undefined);
  return err({ kind: 'Refusal', ...outcome.value });
}

/** What a focus says that is older than this command: no room can have the caller's name. */
const notCounted = 404;

/** Answers {@link countCalls}. */
export function takeCount(
  quota: CallQuota,
  clock: Clock,
  { room: caller, commandId }: focus.FocusCommand,
  { calls }: focus.CountCalls,
): focus.FocusReply {
  const seconds = quota.take(caller, commandId, calls, clock.now());
  return replyMessage(seconds === 0 ? done : refused(refusal(503, 'Service Unavailable', 'too many calls', seconds)));
}
