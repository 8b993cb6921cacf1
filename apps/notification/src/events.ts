import { dialogId } from '@parley/sip-stack';
import type { ServiceContext } from '@parley/service';
import type { SipRefusal } from './sip/sip-refusal.ts';
import type { Subscription } from './subscription/subscription.ts';
import type { Telemetry } from './telemetry.ts';

/** What happens in a notification service, one function each. */
export interface NotificationEvents {
  subscribed(subscription: Subscription): void;
  /** Read from the store after a takeover or restart. */
  takenUp(subscription: Subscription): void;
  ended(subscription: Subscription): void;
  /** Those of Call-IDs whose shards have gone to another instance. */
  releasedWhere(matches: (callId: string) => boolean): void;
  /** @param end - reason of the last NOTIFY; undefined: the subscription goes on */
  notifying(subscription: Subscription, end: string | undefined): void;
  notified(outcome: string): void;
  refused(room: string, refusal: SipRefusal): void;
  /** The store, or the edges, did not do what a summary needs; it is tried again. */
  summaryStuck(error: unknown): void;
}

/** Reports to metrics and log; identifiers go to the log alone. */
export function notificationEvents(
  telemetry: Telemetry,
  { logger }: Pick<ServiceContext, 'logger'>,
): NotificationEvents {
  const log = logger.child({ part: 'subscription' });
  return {
    subscribed({ dialog, room, identity }) {
      telemetry.held(dialogId(dialog));
      log.debug({ callId: dialog.callId, room, subscriber: identity }, 'subscribed');
    },
    takenUp({ dialog }) {
      telemetry.held(dialogId(dialog));
    },
    ended({ dialog, room }) {
      telemetry.released(dialogId(dialog));
      log.debug({ callId: dialog.callId, room }, 'subscription ended');
    },
    releasedWhere(matches) {
      telemetry.releasedWhere((key) => matches(key.split('\n', 1)[0] ?? ''));
    },
    notifying({ dialog, documentVersion }, end) {
      telemetry.notification(end === undefined ? 'active' : 'terminated');
      log.debug({ callId: dialog.callId, version: documentVersion, end }, 'NOTIFY');
    },
    notified(outcome) {
      telemetry.outcome(outcome);
    },
    refused(room, { status, message }) {
      telemetry.refused(status);
      log.info({ room, status, reason: message }, 'SUBSCRIBE refused');
    },
    summaryStuck(error) {
      log.warn({ err: error }, 'summaries wait for the store');
    },
  };
}
