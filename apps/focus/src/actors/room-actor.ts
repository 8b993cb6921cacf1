import type { ActorKind, Ownership } from '@parley/actor';
import { recallCommand, restartThenStop } from '@parley/actor';
import type { ShardCommand } from '@parley/bus';
import { OwnershipLost } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { invitationOf } from '../adapters/invitation-message.ts';
import { takeUpRoom } from '../adapters/take-up-room.ts';
import { done, refused } from '../room/decision.ts';
import type { Decision } from '../room/decision.ts';
import { showRoom } from '../room/operator.ts';
import { parseRoomUri } from '../room/room-uri.ts';
import { switchLost } from '../room/sessions.ts';
import { decideOutsideDialog } from '../room/decide-sip.ts';
import { decideWithinDialog, isWithinDialog, repeatedBye } from '../room/within-dialog.ts';
import { decideCommand } from './decide-command.ts';
import { publishNews } from './effects.ts';
import { beginJoin, finishJoin } from './joining.ts';
import type { RoomMessage, RoomNews } from './room-messages.ts';
import { commit, watchSwitches } from './room-state.ts';
import type { RoomActorState, RoomContext, RoomSurroundings } from './room-state.ts';

/** Milliseconds without a message after which a room leaves memory; the bucket keeps it. */
const idleAfter = 300_000;

/**
 * The actor that owns one room.
 *
 * @param ownershipOf - the right to act for a conference URI, as placement has it now
 */
export function roomKind(
  around: RoomSurroundings,
  ownershipOf: (uri: string) => Ownership | undefined,
): ActorKind<RoomActorState | undefined, RoomMessage, focus.FocusReply> {
  return {
    name: 'room',
    idleAfter,
    // An owner that lost its shard must not begin anew: who takes the next message decides whether it may.
    supervision: {
      ...restartThenStop,
      decide: (error) => (error instanceof OwnershipLost ? 'stop' : 'restart'),
    },
    async load(identity) {
      const ownership = ownershipOf(identity);
      if (!ownership?.isValid()) throw new OwnershipLost('the shard is not ours');
      const uri = parseRoomUri(identity, around.surroundings().chatDomain);
      if (!uri.ok || uri.value !== identity) return undefined;
      const stored = await takeUpRoom(around.buckets, uri.value, ownership, around.surroundings().defaults);
      around.events.roomHeld(identity, stored.room);
      return {
        uri: uri.value,
        ownership,
        stored,
        ended: [],
        joins: new Map(),
        queued: [],
        searching: false,
        watched: new Set(),
      };
    },
    started(context) {
      if (context.state !== undefined) resume(around, context.state);
    },
    stopping({ state }) {
      for (const instance of state?.watched ?? []) around.unwatch(instance, state?.uri ?? '');
    },
    receive(context, message) {
      const { state } = context;
      if (state === undefined) {
        context.reply(replyMessage(refused(noSuchName)));
        context.sleep();
        return undefined;
      }
      return 'question' in message
        ? takeCommand(around, context, state, message)
        : takeNews(around, context, state, message);
    },
  };
}

/** Takes up what a stored room has going: its switches are watched, and observers are made to look. */
function resume(around: RoomSurroundings, state: RoomActorState): void {
  const { stored, uri, ownership } = state;
  watchSwitches(around, state);
  if (stored.room === undefined || !stored.isRenewed || !ownership.isValid()) return;
  publishNews(around, uri, { version: stored.room.version, joined: [], changed: [], left: [], deleted: false });
}

const noSuchName = refusal(404, 'Not Found', 'no room can have this name');

function takeNews(
  around: RoomSurroundings,
  context: RoomContext,
  state: RoomActorState,
  news: RoomNews,
): void | Promise<void> {
  switch (news.kind) {
    case 'TakeUp':
      context.reply(replyMessage(done));
      return undefined;
    case 'SessionAnswered':
      return finishJoin(around, context, state, news);
    case 'SwitchGone':
      return commit(around, state, switchLost(state.stored.room, news.instance), '', () => {});
  }
}

function takeCommand(
  around: RoomSurroundings,
  context: RoomContext,
  state: RoomActorState,
  { question }: ShardCommand<focus.FocusCommand>,
): void | Promise<void> {
  const { command, commandId } = question;
  if (command?.kind === 'sip') return takeRequest(around, context, state, commandId, command.value);
  const { room } = state.stored;
  const log = room?.commands ?? state.ended;
  const decision =
    recallCommand(log, commandId) === undefined
      ? decideCommand(room, state.uri, command, around.surroundings())
      : repeated(room, command);
  return answer(around, context, state, decision, commandId);
}

function takeRequest(
  around: RoomSurroundings,
  context: RoomContext,
  state: RoomActorState,
  commandId: string,
  ingress: Parameters<typeof invitationOf>[1],
): void | Promise<void> {
  const invitation = invitationOf(commandId, ingress);
  if (!invitation.ok) {
    context.reply(replyMessage(refused(refusal(400, 'Bad Request', invitation.error.message))));
    return undefined;
  }
  const { request } = invitation.value;
  const { room } = state.stored;
  if (!isWithinDialog(request)) {
    if (request.method === 'INVITE') {
      beginJoin(around, context, state, invitation.value);
      return undefined;
    }
    return answer(
      around,
      context,
      state,
      decideOutsideDialog(room, invitation.value, around.surroundings()),
      commandId,
    );
  }
  const isKnown = recallCommand(room?.commands ?? state.ended, commandId) !== undefined;
  const decision =
    request.method === 'BYE' && isKnown
      ? repeatedBye(room, request)
      : decideWithinDialog(room, invitation.value, around.surroundings());
  return answer(around, context, state, decision, commandId);
}

function answer(
  around: RoomSurroundings,
  context: RoomContext,
  state: RoomActorState,
  decision: Decision,
  commandId: string,
): Promise<void> {
  return commit(around, state, decision, commandId, (reply) => {
    context.reply(reply);
  });
}

/** What a command that was carried out is answered when it comes again. */
function repeated(room: RoomActorState['stored']['room'], command: focus.FocusCommand['command']): Decision {
  const isAboutRoom = command?.kind === 'create' || command?.kind === 'setPolicy';
  return isAboutRoom ? showRoom(room, '') : { room, answer: done, effects: [] };
}
