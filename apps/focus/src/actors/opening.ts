import type { BusFailure } from '@parley/bus';
import type { Refusal, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { OtherMedia } from '../media/media-leg.ts';
import { noOtherMedia } from '../media/media-leg.ts';
import type { OpenedSessions } from '../media/opened-session.ts';
import type { SessionWish } from '../media/session-wish.ts';
import type { LegBefore, LegWish } from './media-legs.ts';
import { connectOtherMedia } from './media-legs.ts';
import type { SessionsOutcome } from './room-messages.ts';
import type { RoomSurroundings } from './room-state.ts';

/** What a switch gave for the messages of a description, and a media server for the rest. */
interface Opened {
  readonly sessions: Result<OpenedSessions, BusFailure | Refusal>;
  readonly others: OtherMedia;
}

/** Asks a switch for sessions, where any are needed, then a media server about the other lines. */
export async function openWithOthers(
  { switches, edges, clock, surroundings }: RoomSurroundings,
  wishes: readonly SessionWish[],
  near: readonly string[],
  wish: LegWish,
  before?: LegBefore,
): Promise<Opened> {
  const sessions = wishes.length === 0 ? ok(new Map()) : await switches.openAll(wish.room, wishes, near);
  if (!sessions.ok) return { sessions, others: { leg: before?.leg, lines: new Map() } };
  const { random } = surroundings();
  return { sessions, others: await connectOtherMedia({ edges, clock, random }, wish, before) };
}

/** Both outcomes apart. */
export function outcomesOf(settled: Result<Opened, unknown>): {
  readonly outcome: SessionsOutcome;
  readonly others: OtherMedia;
} {
  return settled.ok
    ? { outcome: ok(settled.value.sessions), others: settled.value.others }
    : { outcome: settled, others: noOtherMedia };
}
