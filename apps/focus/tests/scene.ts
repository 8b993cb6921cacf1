import { unwrap } from '@parley/prelude';
import type { Result } from '@parley/prelude';
import { parseSipMessage } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { seededRandom } from '@parley/testing';
import { msrpKind } from '../src/media/msrp-kind.ts';
import type { MsrpMedia } from '../src/media/msrp-media.ts';
import { isMsrp } from '../src/media/msrp-media.ts';
import type { OpenedSessions } from '../src/media/opened-session.ts';
import type { SessionWish } from '../src/media/session-wish.ts';
import type { Decision } from '../src/room/decision.ts';
import type { Invitation } from '../src/room/invitation.ts';
import { completeJoin, planJoin } from '../src/room/join.ts';
import type { PlannedJoin } from '../src/room/join.ts';
import type { Participant } from '../src/room/participant.ts';
import type { RoomPolicy } from '../src/room/policy.ts';
import { defaultPolicy } from '../src/room/policy.ts';
import type { RoomUri } from '../src/room/room-uri.ts';
import { parseRoomUri } from '../src/room/room-uri.ts';
import type { Room } from '../src/room/room.ts';
import { newRoom } from '../src/room/room.ts';
import type { Surroundings } from '../src/room/surroundings.ts';
import type { SipRefusal } from '../src/sip/sip-refusal.ts';
import type { RequestShape } from './messages.ts';
import { invite } from './messages.ts';

export const lobby: RoomUri = unwrap(parseRoomUri('sip:lobby@chat.localhost', 'chat.localhost'));
export const now = Date.UTC(2026, 0, 1);

export function surroundings(more: Partial<Surroundings> = {}): Surroundings {
  return {
    chatDomain: 'chat.localhost',
    domain: 'localhost',
    publicHost: '127.0.0.1',
    dialect: 'draft-03',
    roomCreate: 'anyone',
    defaults: defaultPolicy(10_000),
    kinds: [msrpKind],
    random: seededRandom(1),
    now,
    ...more,
  };
}

export function roomWith(policy: Partial<RoomPolicy> = {}, creator = ''): Room {
  return newRoom(lobby, { ...defaultPolicy(10_000), ...policy }, creator, now);
}

/** A response as it came. */
export function answered(text: string): SipResponse {
  const message = unwrap(parseSipMessage(new TextEncoder().encode(text)));
  if (message.kind !== 'response') throw new Error('expected a response');
  return message;
}

export function parsed(text: string): SipRequest {
  const message = unwrap(parseSipMessage(new TextEncoder().encode(text)));
  if (message.kind !== 'request') throw new Error('expected a request');
  return message;
}

export function invitation(text: string, more: Partial<Invitation> = {}): Invitation {
  return {
    commandId: 'command',
    request: parsed(text),
    identity: 'sip:alice@localhost',
    reach: { edgeInstance: 'e1', flow: 'f1' },
    alias: '',
    isSecure: false,
    transport: { scheme: 'msrp', transport: 'tcp' },
    byFactory: false,
    ...more,
  };
}

/** What becomes of an INVITE of a user at a room. */
export function plan(
  room: Room | undefined,
  shape: RequestShape = {},
  around: Surroundings = surroundings(),
): Result<PlannedJoin, SipRefusal> {
  const { user = 'alice' } = shape;
  return planJoin(room, invitation(invite(shape), { identity: `sip:${user}@localhost` }), 0, around);
}

/** A room that a user has joined, with its answer. */
export function join(
  room: Room | undefined,
  shape: RequestShape & { readonly switchInstance?: string } = {},
): { readonly room: Room; readonly response: SipResponse; readonly id: string } {
  const { user = 'alice', callId = `${user}-call`, switchInstance = 'm1' } = shape;
  const around = surroundings({ random: seededRandom(callId.length * 31 + user.charCodeAt(0)) });
  const command = invitation(invite(shape), { identity: `sip:${user}@localhost`, commandId: `join-${callId}` });
  const planned = unwrap(planJoin(room, command, 0, around));
  const decision = completeJoin(room, lobby, planned, openedFor(planned.wishes, switchInstance), around);
  return { room: present(decision), response: responseOf(decision), id: planned.participant };
}

/** What a switch gives for sessions; that of the first line is named after its participant. */
export function openedFor(wishes: readonly SessionWish[], switchInstance = 'm1', prefix = 's'): OpenedSessions {
  return new Map(
    wishes.map(({ participant, index }) => {
      const session = index === 0 ? `${prefix}-${participant}` : `${prefix}-${participant}-${index}`;
      const path = [`msrp://127.0.0.1:2855/${session};tcp`];
      return [index, { switchInstance, session, path, port: 2855, address: '127.0.0.1' }];
    }),
  );
}

/** Somebody who takes part over MSRP. */
type Streamer = Participant & { readonly media: MsrpMedia };

/** Whoever is in a room; there has to be such a one. */
export function participant({ room }: Pick<Decision, 'room'>, id: string): Streamer {
  const found = room?.participants.get(id);
  if (found === undefined || !isStreamer(found)) throw new Error(`expected ${id} in the room, over MSRP`);
  return found;
}

function isStreamer(one: Participant): one is Streamer {
  return isMsrp(one.media);
}

export function present({ room }: Pick<Decision, 'room'>): Room {
  if (room === undefined) throw new Error('expected a room');
  return room;
}

export function responseOf({ answer }: Decision): SipResponse {
  if (answer.kind !== 'sip') throw new Error(`expected a SIP answer, got ${answer.kind}`);
  return answer.response;
}

export function statusOf(decision: Decision): number {
  return responseOf(decision).statusCode;
}
