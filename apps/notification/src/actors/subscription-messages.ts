import type { ShardCommand } from '@parley/bus';
import type { notification } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import type { Notified } from '../adapters/edge-client.ts';
import type { Sharer } from '../subscription/accept.ts';
import type { RosterWord } from './roster-actor.ts';

/** Whether the focus lets somebody watch. */
type Admission = Result<void, Refusal>;

/** Whose dialog a SUBSCRIBE came in. */
type Sharing = Result<Sharer, Refusal>;

/** What the subscriptions of a Call-ID are told by this instance. */
export type SubscriptionNews =
  | RosterWord
  /** The shard is ours: read what is stored under the new epoch. */
  | { readonly kind: 'TakeUp' }
  /** The focus lets in who wants to subscribe, or does not. */
  | { readonly kind: 'Admitted'; readonly commandId: string; readonly outcome: Result<Admission, unknown> }
  /** The focus knows the dialog of a SUBSCRIBE as that of a participant, or does not. */
  | { readonly kind: 'Shared'; readonly commandId: string; readonly outcome: Result<Sharing, unknown> }
  /** What became of a NOTIFY; `tag` is our tag of its dialog. */
  | { readonly kind: 'Notified'; readonly tag: string; readonly outcome: Result<Notified, unknown> }
  | { readonly kind: 'Expired'; readonly tag: string }
  /** A NOTIFY that had to wait may be sent. */
  | { readonly kind: 'Due'; readonly tag: string }
  /** A NOTIFY is to be sent though there is no news. */
  | { readonly kind: 'Remind'; readonly tag: string }
  /** Whether a subscriber may still watch, asked again as the room's admission changed. */
  | { readonly kind: 'Readmitted'; readonly tag: string; readonly outcome: Result<Admission, unknown> };

/** What they take: commands from the bus, and news. */
export type SubscriptionMessage = ShardCommand<notification.NotificationCommand> | SubscriptionNews;
