import type { BusFailure, ShardCommand } from '@parley/bus';
import type { focus } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import type { OpenedSession } from '../media/session-answer.ts';
import type { PlannedJoin } from '../room/join.ts';

/** What a room is told by this instance. */
export type RoomNews =
  /** The shard is ours: read the room under the new epoch. */
  | { readonly kind: 'TakeUp' }
  /** A switch answered, or did not, to the question for a session. */
  | {
      readonly kind: 'SessionAnswered';
      readonly plan: PlannedJoin;
      /** The switch that was asked; undefined: any. */
      readonly asked: string | undefined;
      readonly outcome: Result<Result<OpenedSession, BusFailure | Refusal>, unknown>;
    }
  | { readonly kind: 'SwitchGone'; readonly instance: string };

/** What a room takes: commands from the bus, and news. */
export type RoomMessage = ShardCommand<focus.FocusCommand> | RoomNews;
