import type { focus } from '@parley/contracts';
import { refusal } from '@parley/prelude';
import { requestedChange } from '../adapters/policy-message.ts';
import type { Decision } from '../room/decision.ts';
import { refused, unchanged } from '../room/decision.ts';
import { ban, expel, grantVoice } from '../room/persons.ts';
import { announce, createRoom, deleteRoom, setPolicy, showRoom } from '../room/operator.ts';
import { pageOf } from '../room/page.ts';
import type { RoomUri } from '../room/room-uri.ts';
import type { Room } from '../room/room.ts';
import { ackTimedOut, nicknameChanged, participantLost } from '../room/sessions.ts';
import type { Surroundings } from '../room/surroundings.ts';

/** What a command does to a room that needs nobody else. */
export function decideCommand(
  room: Room | undefined,
  uri: RoomUri,
  command: focus.FocusCommand['command'],
  surroundings: Surroundings,
): Decision {
  switch (command?.kind) {
    case 'create':
    case 'setPolicy': {
      const { policy } = command.value;
      const terms = { domain: surroundings.domain, largestSize: surroundings.defaults.maxSize };
      const change = policy === undefined ? { ok: true as const, value: {} } : requestedChange(policy, terms);
      if (!change.ok) return unchanged(room, refused(change.error));
      return command.kind === 'create'
        ? createRoom(room, uri, change.value, surroundings)
        : setPolicy(room, change.value);
    }
    case 'delete':
      return deleteRoom(room);
    case 'show':
      return pageOf(showRoom(room, command.value.identity), command.value);
    case 'announce':
      return announce(room, command.value.text);
    case 'participantLost':
      return participantLost(room, command.value.participant, command.value.session, command.value.reason);
    case 'nicknameChanged':
      return nicknameChanged(room, command.value.participant, command.value.nickname);
    case 'ackTimedOut':
      return ackTimedOut(room, command.value);
    case 'expel':
      return expel(room, command.value.who, surroundings);
    case 'ban':
      return ban(room, command.value.who, command.value.banned, surroundings);
    case 'grantVoice':
      return grantVoice(room, command.value.who, command.value.granted, surroundings);
    case 'sip':
    case 'participantBound':
    case 'participantsBound':
    case 'inviteUser':
    case 'countCalls':
    case 'shareDialog':
    case 'notifyParticipant':
    case undefined:
      return unchanged(room, refused(refusal(400, 'Bad Request', 'no command that this version knows')));
  }
}
