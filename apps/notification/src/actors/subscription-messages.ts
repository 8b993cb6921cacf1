import type { ShardCommand } from '@parley/bus';
import type { notification } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import type { Notified } from '../adapters/edge-client.ts';
import type { Roster } from '../roster/roster.ts';
import type { RosterWord } from './roster-actor.ts';

/** What the subscriptions of a Call-ID are told by this instance. */
export type SubscriptionNews =
  | RosterWord
  /** The shard is ours: read what is stored under the new epoch. */
  | { readonly kind: 'TakeUp' }
  /** The focus showed the room to who wants to subscribe, or did not. */
  | {
      readonly kind: 'Shown';
      readonly commandId: string;
      readonly outcome: Result<Result<Roster, Refusal>, unknown>;
    }
  /** What became of a NOTIFY; `tag` is our tag of its dialog. */
  | { readonly kind: 'Notified'; readonly tag: string; readonly outcome: Result<Notified, unknown> }
  | { readonly kind: 'Expired'; readonly tag: string }
  | { readonly kind: 'Retry'; readonly tag: string }
  /** Whether a subscriber may still watch, asked again as the room's admission changed. */
  | {
      readonly kind: 'Readmitted';
      readonly tag: string;
      readonly outcome: Result<Result<Roster, Refusal>, unknown>;
    };

/** What they take: commands from the bus, and news. */
export type SubscriptionMessage = ShardCommand<notification.NotificationCommand> | SubscriptionNews;
