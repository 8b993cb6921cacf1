import type { ActorContext, CommandLog, Ownership } from '@parley/actor';
import { recordCommand } from '@parley/actor';
import type { focus } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { saveRoom } from '../adapters/save-room.ts';
import type { RoomBuckets, StoredRoom } from '../adapters/stored-room.ts';
import { nextDeadline } from '../room/deadlines.ts';
import type { Answer, Decision, Effect } from '../room/decision.ts';
import type { PlannedJoin } from '../room/join.ts';
import { switchesOf } from '../room/leave.ts';
import type { RoomUri } from '../room/room-uri.ts';
import type { Room } from '../room/room.ts';
import type { RosterChange } from '../room/roster.ts';
import { withNews } from '../room/roster.ts';
import type { BoundSession } from '../room/sessions.ts';
import type { Surroundings } from '../room/surroundings.ts';
import type { Correspondents } from './effects.ts';
import { perform, publishNews } from './effects.ts';
import type { GatheredStep } from './gathering.ts';
import type { CallQuota } from './call-quota.ts';
import type { HeldRooms } from './held-rooms.ts';
import { moveNickname } from './moving-nicknames.ts';
import { rehome } from './rehome.ts';
import type { RoomMessage } from './room-messages.ts';

/** Answers one asker. */
export type Reply = (reply: focus.FocusReply) => void;

/** A join that waits for a session, and who wait for its outcome: a command may come twice. */
export interface WaitingJoin {
  readonly plan: PlannedJoin;
  readonly replies: Reply[];
}

/** What the actor of a room owns. */
export interface RoomActorState {
  readonly uri: RoomUri;
  readonly ownership: Ownership;
  stored: StoredRoom;
  /** The room as observers of its roster know it. */
  told: Room | undefined;
  /** Whether there may be more to tell them, and soon will be. */
  hasNews: boolean;
  /** Commands of the room that ended last, so that they are known when they come again. */
  ended: CommandLog<true>;
  /** Joins under way, by what the copies of their INVITE share. */
  readonly joins: Map<string, WaitingJoin>;
  /** Those of them that wait for the first one to find a switch. */
  readonly queued: PlannedJoin[];
  /** Whether a switch is being looked for. */
  searching: boolean;
  /** What is carried out together. */
  readonly gathered: GatheredStep[];
  /** Re-INVITEs that wait for sessions, by participant. */
  readonly changes: Map<string, { readonly commandId: string; readonly replies: Reply[] }>;
  /** Addresses-of-record of those who are being called, by what would be their id. */
  readonly calls: Map<string, string>;
  /** Sessions of theirs that had a connection before the call was taken. */
  readonly early: Map<string, BoundSession>;
  /** Commands to call somebody, so that they are known when they come again: calls end with this instance, as does the log. */
  invited: CommandLog<Answer>;
  readonly watched: Set<string>;
}

/** The room's context; undefined state: no such room can be here. */
export type RoomContext = ActorContext<RoomActorState | undefined, RoomMessage, focus.FocusReply>;

/** What every room of this instance works with. */
export interface RoomSurroundings extends Correspondents {
  readonly buckets: RoomBuckets;
  readonly held: HeldRooms;
  readonly quota: CallQuota;
  readonly clock: Clock;
  readonly surroundings: () => Surroundings;
  watch(instance: string, room: string): void;
  unwatch(instance: string, room: string): void;
}

/** Where a message is handled: the room's actor and what it works with. */
export interface RoomDesk {
  readonly around: RoomSurroundings;
  readonly context: RoomContext;
  readonly state: RoomActorState;
}

/** Commands remembered: several times what edges and switches have in flight for one room. */
const remembered = 32;

const nobody: Reply = () => {};

/** Milliseconds for which news of a roster are gathered: who joins is there and connected within that. */
const newsDelay = 50;

/**
 * Makes a decision true: stores the room, answers, then tells the others. Nothing is told when the lease ended meanwhile:
 * the next owner begins with a new version, which makes everybody look. News of the roster are gathered for a moment, and told
 * before the room is shown to somebody.
 *
 * @param commandId - remembered as carried out; empty: it need not be
 * @throws StoreFailed, OwnershipLost
 */
export async function commit(desk: RoomDesk, decision: Decision, commandId = '', reply: Reply = nobody): Promise<void> {
  const { around, state } = desk;
  const before = state.stored.room;
  const isCarriedOut = decision.room !== before || decision.effects.length > 0;
  const after = isCarriedOut ? remember(decision.room, commandId) : decision.room;
  const { answer, effects } = decision;
  const [room, news] = answer.kind === 'room' || after === undefined ? withNews(state.told, after) : [after, undefined];
  if (room !== before) {
    if (before !== undefined && room === undefined) state.ended = recordCommand(before.commands, commandId, true);
    state.stored = await saveRoom(around.buckets, state.stored, room, state.ownership);
    around.events.roomHeld(state.uri, room);
    around.held.note(state.uri, room);
    keepWatch(desk);
  }
  reply(replyMessage(answer.kind === 'room' && room !== undefined ? upToDate(answer, decision.room, room) : answer));
  if (!state.ownership.isValid()) return;
  if (news !== undefined) publish(desk, room, news);
  else if (room !== before) gatherNews(desk);
  for (const effect of effects) carryOut(desk, effect);
}

/** An answer that shows a room, or a page of it, as it is known under its new version. */
function upToDate(answer: Extract<Answer, { kind: 'room' }>, decided: Room | undefined, room: Room): Answer {
  if (answer.room === decided) return { ...answer, room };
  return { ...answer, room: { ...answer.room, version: room.version } };
}

function gatherNews({ context, state }: RoomDesk): void {
  if (state.hasNews) return;
  state.hasNews = true;
  context.arm('news', newsDelay, { kind: 'TellNews' });
}

/** Tells what has changed since observers were told last. @throws StoreFailed, OwnershipLost */
export async function tellNews(desk: RoomDesk): Promise<void> {
  const { around, state } = desk;
  state.hasNews = false;
  if (!state.ownership.isValid()) return;
  const [room, news] = withNews(state.told, state.stored.room);
  if (news === undefined) state.told = room;
  else {
    state.stored = await saveRoom(around.buckets, state.stored, room, state.ownership);
    publish(desk, room, news);
  }
}

function publish({ around, state }: RoomDesk, room: Room | undefined, news: RosterChange): void {
  state.told = room;
  publishNews(around, state.uri, news);
}

/** Carries an effect out, whose outcome may be news to the room. */
export function carryOut(desk: RoomDesk, effect: Effect): void {
  const { around, context, state } = desk;
  switch (effect.kind) {
    case 'AskDevice': {
      const { participant, request } = effect;
      context.whenSettled(around.edges.ask(effect.reach, request), (answer) => ({
        kind: 'DeviceAnswered',
        participant,
        request,
        response: answer.ok ? answer.value : undefined,
      }));
      return;
    }
    case 'OfferLater': {
      const { participant, isOurCallId } = effect;
      const [chance = 0] = around.surroundings().random.bytes(1);
      const pause = isOurCallId ? 2_100 + (1_900 * chance) / 255 : (2_000 * chance) / 255;
      context.arm(`offer ${participant}`, pause, { kind: 'OfferAgain', participant });
      return;
    }
    case 'Rehome':
      rehome(desk, effect.participant);
      return;
    case 'MoveNickname':
      moveNickname(desk, effect);
      return;
    default:
      perform(around, state.uri, effect);
  }
}

/** Has the switches watched that this room depends on, and no others, and its next deadline met. */
export function keepWatch({ around, context, state }: RoomDesk): void {
  const { uri, stored, watched } = state;
  const used = new Set(stored.room === undefined ? [] : switchesOf(stored.room));
  for (const instance of used) if (!watched.has(instance)) around.watch(instance, uri);
  for (const instance of watched) if (!used.has(instance)) around.unwatch(instance, uri);
  watched.clear();
  for (const instance of used) watched.add(instance);
  const { now } = around.surroundings();
  const next = nextDeadline(stored.room, now);
  if (next === Infinity) context.disarm('deadline');
  else context.arm('deadline', Math.min(next - now, longestTimer), { kind: 'TimeCame' });
}

/** Milliseconds that one timer can wait. */
const longestTimer = 2 ** 31 - 1;

function remember(room: Room | undefined, commandId: string): Room | undefined {
  if (room === undefined || commandId === '') return room;
  return { ...room, commands: recordCommand(room.commands, commandId, true, remembered) };
}
