import type { Refusal } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { SessionWish } from '../media/session-wish.ts';
import type { Reach } from './participant.ts';
import type { RoomPolicy } from './policy.ts';
import type { Room } from './room.ts';

/** A nickname that somebody has in a room. */
export interface HeldNickname {
  /** One of the holder's devices. */
  readonly participant: string;
  /** Address-of-record. */
  readonly holder: string;
  readonly nickname: string;
}

/** What the asker of a command is told. */
export type Answer =
  | { readonly kind: 'sip'; readonly response: SipResponse }
  /** `next`: id of the last participant shown, where there are more. */
  | { readonly kind: 'room'; readonly room: Room; readonly next?: string }
  | { readonly kind: 'done' }
  /** A participant whose dialog a subscription shares. */
  | { readonly kind: 'shared'; readonly participant: string; readonly identity: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What others are told once the room is stored. The news of the roster follows from the room itself. */
export type Effect =
  | { readonly kind: 'SendRequest'; readonly reach: Reach; readonly request: SipRequest }
  | {
      readonly kind: 'CloseSession';
      readonly switchInstance: string;
      readonly session: string;
      readonly reason: string;
    }
  | { readonly kind: 'ReleaseNickname'; readonly scope: RoomPolicy['nicknameScope']; readonly holder: string }
  /** Reserves a nickname in the room's scope, which has changed, and lets go of it in the scope before. */
  | { readonly kind: 'MoveNickname'; readonly from: RoomPolicy['nicknameScope']; readonly held: HeldNickname }
  | {
      readonly kind: 'ChangeSession';
      readonly switchInstance: string;
      readonly session: string;
      readonly wish: SessionWish;
    }
  /** Sends a request in a participant's dialog whose answer the room wants to know. */
  | {
      readonly kind: 'AskDevice';
      readonly participant: string;
      readonly reach: Reach;
      readonly request: SipRequest;
    }
  /** Makes an offer once more that crossed one of the participant. @spec RFC 3261 §14.1 */
  | { readonly kind: 'OfferLater'; readonly participant: string; readonly isOurCallId: boolean }
  /** Looks for another switch for a participant's streams. */
  | { readonly kind: 'Rehome'; readonly participant: string }
  | { readonly kind: 'UpdateHub'; readonly switchInstance: string; readonly policy: RoomPolicy }
  | { readonly kind: 'ForgetHistory' }
  | { readonly kind: 'CloseHub'; readonly switchInstance: string; readonly reason: string }
  | { readonly kind: 'Announce'; readonly switchInstance: string; readonly text: string };

/** The outcome of a command: the room as it is from now on, undefined when there is none, and what follows. */
export interface Decision {
  readonly room: Room | undefined;
  readonly answer: Answer;
  readonly effects: readonly Effect[];
}

/** A decision that changes nothing. */
export function unchanged(room: Room | undefined, answer: Answer): Decision {
  return { room, answer, effects: [] };
}

/** The answer to a command that only wants to be carried out. */
export const done: Answer = { kind: 'done' };

/** The answer of a room that does not exist. */
export function refused(refusal: Refusal): Answer {
  return { kind: 'refused', refusal };
}
