import type { focus } from '@parley/contracts';
import { randomToken } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import type { Invitation } from '../room/invitation.ts';
import { refusedJoin, tagLength } from '../room/join.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import type { RoomDesk } from './room-state.ts';

/** The refusal of a join, which is counted. */
export function refusing({ around, state }: RoomDesk, invitation: Invitation, why: SipRefusal): focus.FocusReply {
  around.events.inviteRefused(state.uri, why);
  const tag = randomToken(around.surroundings().random, tagLength);
  return replyMessage(refusedJoin(state.stored.room, invitation, why, tag).answer);
}
