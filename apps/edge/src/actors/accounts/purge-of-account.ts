import type { BusFailure, MessageStream } from '@parley/bus';
import { ok } from '@parley/prelude';
import type { Result } from '@parley/prelude';

/** What is stored for an account. */
interface OfAccount {
  /** When the account was made, wall time in milliseconds. */
  readonly accountSince: number;
}

/**
 * Purges what is stored for an account that is gone: up to the first message of a successor by the same name.
 *
 * @param since - when the account was made
 */
export async function purgeOfAccount(
  stream: Pick<MessageStream<OfAccount>, 'last' | 'next' | 'purge'>,
  subject: string,
  since: number,
): Promise<Result<unknown, BusFailure>> {
  const last = await stream.last(subject);
  if (!last.ok || last.value === undefined) return last;
  // Nobody has taken the name yet, as a rule: then all goes at once.
  if (last.value.message.accountSince <= since) return await stream.purge(subject, last.value.sequence + 1);
  let from = 1;
  for (;;) {
    const found = await stream.next(subject, from);
    if (!found.ok) return found;
    if (found.value === undefined || found.value.message.accountSince > since) break;
    from = found.value.sequence + 1;
  }
  return from === 1 ? ok(undefined) : await stream.purge(subject, from);
}
