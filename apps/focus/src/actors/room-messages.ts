import type { BusFailure, ShardCommand } from '@parley/bus';
import type { focus } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { OtherMedia } from '../media/media-leg.ts';
import type { OpenedSessions } from '../media/opened-session.ts';
import type { PlannedCall } from '../room/call-out.ts';
import type { HeldNickname } from '../room/decision.ts';
import type { Invitation } from '../room/invitation.ts';
import type { PlannedJoin } from '../room/join.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { ReferSubscription } from '../room/referral.ts';
import type { RemovedIdentities } from '../room/sessions.ts';
import type { PlannedChange } from '../room/renegotiate.ts';
import type { CallOutcome } from './place-call.ts';

/** What a switch said to the question for sessions; the outer failure is that of the question itself. */
export type SessionsOutcome = Result<Result<OpenedSessions, BusFailure | Refusal>, unknown>;

/** What a room is told by this instance. */
export type RoomNews =
  /** The shard is ours: read the room under the new epoch. */
  | { readonly kind: 'TakeUp' }
  /** What was gathered is to be carried out. */
  | { readonly kind: 'CarryOutGathered' }
  /** What changed of the roster is to be told. */
  | { readonly kind: 'TellNews' }
  /** Something of the room is due. */
  | { readonly kind: 'TimeCame' }
  | { readonly kind: 'SwitchGone'; readonly instance: string }
  | { readonly kind: 'AccountsRemoved'; readonly removed: RemovedIdentities }
  /** A switch answered, or did not, to the question for the sessions of a join. */
  | {
      readonly kind: 'JoinAnswered';
      readonly plan: PlannedJoin;
      /** The switch that was asked; undefined: any. */
      readonly asked: string | undefined;
      readonly outcome: SessionsOutcome;
      /** What a media server answered to the rest of the offer. */
      readonly others: OtherMedia;
    }
  /** Whether the copy of an INVITE is alone: the edge that took the first one is no more. */
  | {
      readonly kind: 'CopyLooked';
      readonly invitation: Invitation;
      readonly isAlone: boolean;
      readonly reply: (reply: focus.FocusReply) => void;
    }
  | {
      readonly kind: 'ChangeAnswered';
      readonly plan: PlannedChange;
      readonly outcome: SessionsOutcome;
      readonly others: OtherMedia;
    }
  /** An offer that crossed one of the participant is to be made again. */
  | { readonly kind: 'OfferAgain'; readonly participant: string }
  /** The streams of a participant have been given a place at another switch, or not. */
  | {
      readonly kind: 'Rehomed';
      readonly participant: string;
      /** What the switch was told. */
      readonly said: RoomPolicy;
      readonly outcome: SessionsOutcome;
    }
  /** A nickname was reserved in the room's new scope, or was not: somebody else has it there. */
  | { readonly kind: 'NicknameMoved'; readonly held: HeldNickname; readonly isHeld: boolean | undefined }
  /** A device answered a request within its dialog; undefined: it did not. */
  | {
      readonly kind: 'DeviceAnswered';
      readonly participant: string;
      readonly request: SipRequest;
      readonly response: SipResponse | undefined;
    }
  | {
      readonly kind: 'CallEnded';
      readonly plan: PlannedCall;
      readonly subscription: ReferSubscription | undefined;
      readonly outcome: Result<CallOutcome, unknown>;
    };

/** What a room takes: commands from the bus, and news. */
export type RoomMessage = ShardCommand<focus.FocusCommand> | RoomNews;
