import type { ActorKind, Ownership } from '@parley/actor';
import { recallCommand, restartThenStop } from '@parley/actor';
import type { ShardCommand } from '@parley/bus';
import { OwnershipLost } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { invitationOf } from '../adapters/invitation-message.ts';
import { meetDeadlines } from '../room/deadlines.ts';
import { decideOutsideDialog } from '../room/decide-sip.ts';
import { done, refused } from '../room/decision.ts';
import type { Decision } from '../room/decision.ts';
import type { Invitation } from '../room/invitation.ts';
import { showRoom } from '../room/operator.ts';
import { decideOnLeg } from '../room/leg-requests.ts';
import { deviceAnswered, offerOnceMore } from '../room/reoffer.ts';
import type { Room } from '../room/room.ts';
import { accountsRemoved, participantsBound, switchLost } from '../room/sessions.ts';
import { callerOf, decideWithinDialog, isWithinDialog, refusing, repeatedBye } from '../room/within-dialog.ts';
import { callEnded, inviteUser } from './calling.ts';
import { beginChange, finishChange } from './changing.ts';
import { takeCount } from './counting-calls.ts';
import { decideCommand } from './decide-command.ts';
import { askFactory, factoryUri } from './factory.ts';
import { carryOutGathered, gather } from './gathering.ts';
import { beginJoin, finishJoin } from './joining.ts';
import { nicknameMoved } from './moving-nicknames.ts';
import { takeReferral } from './referring.ts';
import { rehomed } from './rehome.ts';
import type { RoomMessage, RoomNews } from './room-messages.ts';
import { commit, tellNews } from './room-state.ts';
import type { RoomActorState, RoomContext, RoomDesk, RoomSurroundings } from './room-state.ts';
import { copyLooked } from './taking-copies.ts';
import { resume, takeUp } from './taking-up.ts';
import { takeWatch } from './watching.ts';

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
    load: (identity) => takeUp(around, identity, ownershipOf(identity)),
    started(context) {
      const { state } = context;
      if (state !== undefined) resume({ around, context, state });
    },
    stopping({ state }) {
      for (const instance of state?.watched ?? []) around.unwatch(instance, state?.uri ?? '');
    },
    receive(context, message) {
      const { state } = context;
      if ('question' in message && message.question.command?.kind === 'countCalls') {
        context.reply(takeCount(around.quota, around.clock, message.question, message.question.command.value));
        return undefined;
      }
      if (state === undefined) {
        atNoRoom(around, context, message);
        return undefined;
      }
      const desk = { around, context, state };
      return 'question' in message ? takeCommand(desk, message) : takeNews(desk, message);
    },
  };
}

/** No room can have this name; one of them is the factory's. */
function atNoRoom(around: RoomSurroundings, context: RoomContext, message: RoomMessage): void {
  const surroundings = around.surroundings();
  if ('question' in message && context.identity === factoryUri(surroundings.chatDomain)) {
    const reply = context.deferReply();
    void askFactory(around.bus, message, surroundings).then(reply);
    return;
  }
  context.reply(replyMessage(refused(noSuchName)));
  context.sleep();
}

const noSuchName = refusal(404, 'Not Found', 'no room can have this name');

function takeNews(desk: RoomDesk, news: RoomNews): void | Promise<void> {
  const { around, context, state } = desk;
  const { room } = state.stored;
  const { now } = around.surroundings();
  switch (news.kind) {
    case 'TakeUp':
      context.reply(replyMessage(done));
      return undefined;
    case 'CarryOutGathered':
      return carryOutGathered(desk);
    case 'TellNews':
      return tellNews(desk);
    case 'TimeCame':
      return commit(desk, meetDeadlines(room, now));
    case 'SwitchGone':
      return commit(desk, switchLost(room, news.instance, now));
    case 'AccountsRemoved':
      return answer(desk, accountsRemoved(room, news.removed), '');
    case 'JoinAnswered':
      return finishJoin(desk, news);
    case 'CopyLooked':
      return copyLooked(desk, news);
    case 'ChangeAnswered':
      return finishChange(desk, news);
    case 'Rehomed':
      return rehomed(desk, news);
    case 'DeviceAnswered':
      return commit(desk, deviceAnswered(room, news.participant, news.request, news.response, now));
    case 'OfferAgain':
      return commit(desk, offerOnceMore(room, news.participant));
    case 'NicknameMoved':
      return nicknameMoved(desk, news);
    case 'CallEnded':
      return callEnded(desk, news);
  }
}

function takeCommand(desk: RoomDesk, { question }: ShardCommand<focus.FocusCommand>): void | Promise<void> {
  const { around, state } = desk;
  const { command, commandId, byFactory } = question;
  if (command?.kind === 'sip') return takeRequest(desk, invitationOf(commandId, command.value, byFactory));
  if (command?.kind === 'participantBound' || command?.kind === 'participantsBound') {
    const bound = command.kind === 'participantBound' ? [command.value] : command.value.items;
    // Who is called has our path before we have its answer.
    for (const one of bound) if (state.calls.has(one.participant)) state.early.set(one.participant, one);
    const reply = desk.context.deferReply();
    gather(desk, { decide: (room) => participantsBound(room, bound), reply });
    return undefined;
  }
  if (command?.kind === 'shareDialog' || command?.kind === 'notifyParticipant') {
    takeWatch(desk, commandId, command);
    return undefined;
  }
  const { room } = state.stored;
  const isKnown = recallCommand(room?.commands ?? state.ended, commandId) !== undefined;
  if (isKnown) return answer(desk, repeated(room, command), commandId);
  if (command?.kind === 'inviteUser') return answer(desk, inviteUser(desk, command.value.uri, commandId), '');
  return answer(desk, decideCommand(room, state.uri, command, around.surroundings()), commandId);
}

function takeRequest(desk: RoomDesk, came: ReturnType<typeof invitationOf>): void | Promise<void> {
  if (!came.ok) {
    desk.context.reply(replyMessage(refused(refusal(400, 'Bad Request', came.error.message))));
    return undefined;
  }
  return isWithinDialog(came.value.request) ? takeWithin(desk, came.value) : takeOutside(desk, came.value);
}

function takeOutside(desk: RoomDesk, invitation: Invitation): void | Promise<void> {
  const { around, state } = desk;
  switch (invitation.request.method) {
    case 'INVITE':
      beginJoin(desk, invitation);
      return undefined;
    case 'REFER':
      return takeReferral(desk, undefined, invitation);
    default:
      return answer(desk, decideOutsideDialog(state.stored.room, invitation, around.surroundings()), '');
  }
}

function takeWithin(desk: RoomDesk, invitation: Invitation): void | Promise<void> {
  const { around, state } = desk;
  const { request, commandId } = invitation;
  const { room } = state.stored;
  const isKnown = recallCommand(room?.commands ?? state.ended, commandId) !== undefined;
  if (isKnown && request.method === 'BYE') return answer(desk, repeatedBye(room, request), commandId);
  const ofServer = decideOnLeg(room, invitation, around.surroundings().now);
  if (ofServer !== undefined) return answer(desk, ofServer, '');
  const caller = callerOf(room, invitation);
  if (!caller.ok) return answer(desk, refusing(room, request, caller.error), '');
  switch (request.method) {
    case 'INVITE':
    case 'UPDATE':
      return beginChange(desk, caller.value, invitation);
    case 'REFER':
      return takeReferral(desk, caller.value.participant, invitation);
    default:
      return answer(desk, decideWithinDialog(caller.value, request, around.surroundings().now), commandId);
  }
}

function answer(desk: RoomDesk, decision: Decision, commandId: string): Promise<void> {
  return commit(desk, decision, commandId, (reply) => {
    desk.context.reply(reply);
  });
}

/** What a command that was carried out is answered when it comes again. */
function repeated(room: Room | undefined, command: focus.FocusCommand['command']): Decision {
  const isAboutRoom = command !== undefined && answeredByRoom.has(command.kind);
  return isAboutRoom ? showRoom(room, '') : { room, answer: done, effects: [] };
}

const answeredByRoom: ReadonlySet<string> = new Set(['create', 'setPolicy', 'ban', 'grantVoice']);
