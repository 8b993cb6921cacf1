import { isOffering } from '../media/msrp-media.ts';
import type { ParticipantMedia } from '../media/participant-kind.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import { takeOut } from './leave.ts';
import type { Participant } from './participant.ts';
import { offerAgain } from './reoffer.ts';
import type { Room } from './room.ts';
import { participantsOf } from './room.ts';
import { dueAt } from './session-timer.ts';

/** Milliseconds until what was due and could not be done is tried again. */
const again = 2_000;

/** When something of a room is due next. @returns milliseconds since 1970; Infinity: nothing ever */
export function nextDeadline(room: Room | undefined, now: number): number {
  let next = Infinity;
  for (const id of room === undefined ? [] : participantsOf(room).index.timed) {
    const participant = room?.participants.get(id);
    if (participant === undefined) continue;
    const { media, timer } = participant;
    next = Math.min(next, media.kind.connectBy(media) ?? Infinity);
    if (timer !== undefined) next = Math.min(next, isWaiting(participant) ? endOf(participant) : dueAt(timer));
  }
  return next <= now ? now + again : next;
}

/**
 * What has become due: who was to be bound at another switch and is not leaves, as does who did not refresh its session;
 * sessions that are ours to refresh are offered again.
 *
 * @spec RFC 4028 §10
 */
export function meetDeadlines(room: Room | undefined, now: number): Decision {
  if (room === undefined) return unchanged(room, done);
  const everybody = [...room.participants.values()];
  const unbound = everybody.filter(({ media }) => isLost(media, now));
  const expired = everybody.filter((one) => !unbound.includes(one) && endOf(one) <= now);
  const left = [
    { who: unbound, reason: 'the switch is gone' },
    { who: expired, reason: 'the session has expired' },
  ].filter(({ who }) => who.length > 0);
  const decision = left.reduce<Decision>(
    (before, { who, reason }) => {
      if (before.room === undefined) return before;
      const after = takeOut(before.room, who, { reason, sendBye: true, closeSessions: true });
      return { ...before, room: after.room, effects: [...before.effects, ...after.effects] };
    },
    unchanged(room, done),
  );
  return withRefreshes(decision, now);
}

function withRefreshes(decision: Decision, now: number): Decision {
  const due = [...(decision.room?.participants.values() ?? [])].filter(
    (one) => one.timer?.isOurs === true && dueAt(one.timer) <= now && !isWaiting(one),
  );
  return due.reduce<Decision>((before, participant) => {
    if (before.room === undefined) return before;
    const after = offerAgain(before.room, participant);
    return { ...before, room: after.room, effects: [...before.effects, ...after.effects] };
  }, decision);
}

/** It was to be connected by now. */
function isLost(media: ParticipantMedia, now: number): boolean {
  return (media.kind.connectBy(media) ?? Infinity) <= now && !media.kind.isConnected(media);
}

/** Our refresh is on its way. */
function isWaiting({ timer, media }: Participant): boolean {
  return timer?.isOurs === true && isOffering(media);
}

/** When a session ends that nobody refreshed. */
function endOf({ timer }: Participant): number {
  if (timer === undefined) return Infinity;
  return timer.isOurs ? timer.refreshedAt + timer.interval * 1000 : dueAt(timer);
}
