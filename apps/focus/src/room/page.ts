import { refusal } from '@parley/prelude';
import type { Answer, Decision } from './decision.ts';
import { refused } from './decision.ts';
import type { Participant } from './participant.ts';

/** A part of a room's participants. */
export interface Page {
  /** Participants at most; undefined: all of them. */
  readonly limit?: number | undefined;
  /** Id of the participant behind which it begins; undefined: with the first. */
  readonly after?: string | undefined;
}

/**
 * Shows a page of the participants instead of all of them, in the order in which they came, so that an answer fits into a
 * message of NATS however large the room is.
 *
 * @returns 409 when the participant is gone behind whom the page was to begin: the asker begins anew
 */
export function pageOf(decision: Decision, { limit, after }: Page): Decision {
  const { answer } = decision;
  if (answer.kind !== 'room' || (limit === undefined && after === undefined)) return decision;
  const all = [...answer.room.participants];
  const from = after === undefined ? 0 : all.findIndex(([id]) => id === after) + 1;
  if (after !== undefined && from === 0) return { ...decision, answer: begunAnew };
  const end = limit === undefined ? all.length : from + limit;
  return { ...decision, answer: shown(answer.room, all.slice(from, end), end < all.length) };
}

function shown(
  room: Extract<Answer, { kind: 'room' }>['room'],
  page: readonly (readonly [string, Participant])[],
  hasMore: boolean,
): Answer {
  const participants = new Map(page);
  const last = page.at(-1)?.[0];
  return { kind: 'room', room: { ...room, participants }, ...(hasMore && last !== undefined ? { next: last } : {}) };
}

const begunAnew = refused(refusal(409, 'Conflict', 'the page is gone: begin with the first'));
