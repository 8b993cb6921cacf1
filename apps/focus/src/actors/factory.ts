import { createHash } from 'node:crypto';
import { askOwner } from '@parley/bus';
import type { Bus, ShardCommand } from '@parley/bus';
import { rpc } from '@parley/contracts';
import type { focus } from '@parley/contracts';
import { randomToken, refusal } from '@parley/prelude';
import { createResponseTo, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { replyMessage } from '../adapters/answer-message.ts';
import { invitationOf } from '../adapters/invitation-message.ts';
import type { Answer } from '../room/decision.ts';
import { refused } from '../room/decision.ts';
import { tagLength } from '../room/join.ts';
import type { Surroundings } from '../room/surroundings.ts';
import { acceptFields, allowField, capabilityFields } from '../sip/focus-fields.ts';
import { fromTagOf, toTagOf } from '../sip/identifiers.ts';
import { listFields } from '../sip/recipient-list.ts';
import { refuse, sipRefusal, withWarning } from '../sip/sip-refusal.ts';

/** Conference URI of the factory. @spec RFC 4579 §3.2 */
export function factoryUri(chatDomain: string): string {
  return `sip:factory@${chatDomain}`;
}

/**
 * Takes what comes to the conference factory: an INVITE makes a room, whose own focus answers it and whose URI is the
 * Contact of the answer. The factory keeps nothing: the name of the room follows from Call-ID and From tag, so that an
 * INVITE that comes again, its ACK and its BYE find the room that it made.
 *
 * @spec RFC 4579 §3.2, §5.4; RFC 4353 §5.1
 */
export async function askFactory(
  bus: Bus,
  { question, deadline }: ShardCommand<focus.FocusCommand>,
  around: Surroundings,
): Promise<focus.FocusReply> {
  const { command, commandId } = question;
  if (command?.kind === 'ackTimedOut') {
    const { callId, remoteTag } = command.value;
    return passOn(bus, nameOf(callId, remoteTag, around), question, deadline);
  }
  if (command?.kind !== 'sip') return replyMessage(refused(refusal(404, 'Not Found', 'the factory is not a room')));
  const invitation = invitationOf(commandId, command.value);
  if (!invitation.ok) return replyMessage(refused(refusal(400, 'Bad Request', invitation.error.message)));
  const { request } = invitation.value;
  const isOfRoom = request.method === 'INVITE' ? around.roomCreate !== 'admin' : toTagOf(request) !== undefined;
  if (!isOfRoom) return replyMessage(atFactory(request, around));
  const room = nameOf(readRaw(request, 'Call-ID') ?? '', fromTagOf(request), around);
  const byFactory = request.method === 'INVITE';
  return passOn(bus, room, { ...question, byFactory }, deadline);
}

async function passOn(
  bus: Bus,
  room: string,
  question: focus.FocusCommand,
  deadline: number,
): Promise<focus.FocusReply> {
  const reply = await askOwner(bus, 'focus', room, rpc.focus, { ...question, room }, { deadline });
  if (reply.ok) return reply.value;
  return replyMessage(refused(refusal(503, 'Service Unavailable', 'the focus of the new room does not answer', 5)));
}

/** What the factory itself answers. */
function atFactory(request: SipRequest, { random }: Surroundings): Answer {
  const toTag = randomToken(random, tagLength);
  const answer = (response: ReturnType<typeof createResponseTo>): Answer => ({ kind: 'sip', response });
  switch (request.method) {
    case 'OPTIONS':
      return answer(
        createResponseTo(request, 200, undefined, {
          toTag,
          fields: [...capabilityFields, ...acceptFields, ...listFields],
        }),
      );
    case 'INVITE': {
      const why = refusal(403, 'Forbidden', 'rooms of this server are made by its operators');
      return answer(refuse(request, withWarning(why), toTag));
    }
    case 'BYE':
    case 'UPDATE':
      return answer(refuse(request, sipRefusal(481, 'no such dialog'), toTag));
    case 'ACK':
      return { kind: 'done' };
    default:
      return answer(refuse(request, sipRefusal(405, `no ${request.method} to the factory`, [allowField]), toTag));
  }
}

/** Octets of a digest that make a name nobody meets by chance. */
const nameOctets = 10;

function nameOf(callId: string, fromTag: string, { chatDomain }: Surroundings): string {
  const digest = createHash('sha256').update(`${callId}\n${fromTag}`).digest('hex');
  return `sip:room-${digest.slice(0, 2 * nameOctets)}@${chatDomain.toLowerCase()}`;
}
