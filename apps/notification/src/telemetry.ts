import type { ServiceContext } from '@parley/service';

/** The measures of a notification service. */
export interface Telemetry {
  /** A subscription that this instance serves. */
  held(key: string): void;
  released(key: string): void;
  releasedWhere(matches: (key: string) => boolean): void;
  notification(state: string): void;
  outcome(outcome: string): void;
  refused(status: number): void;
  /** A summary of so many disposition notifications was sent. */
  summary(notifications: number): void;
}

/** Registers `parley_subscriptions`, `parley_notifications_total` and their kin. */
export function notificationTelemetry({ metrics }: Pick<ServiceContext, 'metrics'>): Telemetry {
  const held = new Set<string>();
  metrics.gauge('subscriptions', 'subscriptions that this instance serves', [], (gauge) => {
    gauge.set(held.size);
  });
  const sent = metrics.counter('notifications_total', 'NOTIFYs sent, by the state that they tell', ['state']);
  const outcomes = metrics.counter('notification_outcomes_total', 'what became of NOTIFYs', ['outcome']);
  const refusals = metrics.counter('subscription_refusals_total', 'SUBSCRIBEs refused, by status code', ['code']);
  const summaries = metrics.counter('disposition_summaries_total', 'summaries of disposition notifications sent', []);
  const summarised = metrics.counter('dispositions_summarised_total', 'disposition notifications in summaries', []);
  return {
    summary(notifications) {
      summaries.inc();
      summarised.inc(notifications);
    },
    held(key) {
      held.add(key);
    },
    released(key) {
      held.delete(key);
    },
    releasedWhere(matches) {
      for (const key of held) if (matches(key)) held.delete(key);
    },
    notification(state) {
      sent.inc({ state });
    },
    outcome(outcome) {
      outcomes.inc({ outcome });
    },
    refused(status) {
      refusals.inc({ code: String(status) });
    },
  };
}
