import type { focus } from '@parley/contracts';
import { rpc } from '@parley/contracts';
import type { Clock, Random, Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { askOwner } from '../ask-owner.ts';
import type { Bus } from '../bus.ts';

/** Participants of a page: some hundred octets each, of the megabyte that a message of NATS holds. */
const pageSize = 1000;

/** What it takes to ask for rooms. */
export interface RoomAsker {
  readonly bus: Pick<Bus, 'request'>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Asks the focus to show a room.
 *
 * @param within - milliseconds
 * @returns 404, 403 and 409 of the focus, 503 when it does not answer
 */
export async function showRoom(
  { bus, clock, random }: RoomAsker,
  room: string,
  value: focus.ShowRoom,
  within: number,
): Promise<Result<focus.Room, Refusal>> {
  const question = { commandId: randomToken(random, 16), room, command: { kind: 'show', value } } as const;
  const reply = await askOwner(bus, 'focus', room, rpc.focus, question, { deadline: clock.now() + within });
  const outcome = reply.ok ? reply.value.outcome : undefined;
  if (outcome?.kind === 'room') return ok(outcome.value);
  return err(refusalIn(outcome));
}

/** Why the focus did not do what it was asked for; what else it says, or nothing, is 503. */
export function refusalIn(outcome: focus.FocusReply['outcome']): Refusal {
  return outcome?.kind === 'refusal' ? { kind: 'Refusal', ...outcome.value } : unavailable;
}

/**
 * Shows a room page by page, as an operator sees it; a page that cannot be had is the last one.
 *
 * @param within - milliseconds for each page
 */
export async function* roomPages(
  asker: RoomAsker,
  room: string,
  within: number,
): AsyncGenerator<Result<focus.Room, Refusal>, void, undefined> {
  let after: string | undefined;
  do {
    const page = await showRoom(asker, room, { identity: '', limit: pageSize, after }, within);
    yield page;
    after = page.ok ? page.value.next : undefined;
  } while (after !== undefined);
}

const unavailable = refusal(503, 'Service Unavailable', 'the focus of the room does not answer', 5);
