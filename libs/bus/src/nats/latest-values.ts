import { DeliverPolicy } from '@nats-io/jetstream';
import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import type { Cancel, Clock } from '@parley/prelude';
import { millis } from '@nats-io/nats-core';
import type { Link, RawEntry } from '../link.ts';

/** Header and value by which a bucket marks a deletion, as all NATS clients do. */
export const operationHeader = 'KV-Operation';
/** See {@link operationHeader}. */
export const deleteOperation = 'DEL';

/** Milliseconds without a message after which the server is asked whether any is left to come. */
const silence = 100;

/** What is read. */
export interface LatestPlan {
  readonly client: JetStreamClient;
  /** Whose closing ends the reading: the client's own heartbeat monitor would outlive it. */
  readonly link: Link;
  readonly stream: string;
  /** Subject filter; one only, as the server before 2.10 knows no lists. */
  readonly filter: string;
  /** What stands before the key in a subject. */
  readonly prefix: string;
  readonly withData: boolean;
  readonly clock: Clock;
}

/** Where it goes. */
export interface LatestReader {
  entry(entry: RawEntry): void;
  /** All that existed has been told. */
  synced(): void;
  /** No more will come, though nobody asked to stop. */
  ended(): void;
}

/**
 * Reads the newest message of each subject, then each new one, until cancelled. Rejects when it cannot begin.
 *
 * @note What was counted may be overwritten or expire before it is sent, so that no message says that none is left; then
 * the server is asked.
 */
export async function readLatest(plan: LatestPlan, reader: LatestReader): Promise<Cancel> {
  const consumer = await plan.client.consumers.getPushConsumer(plan.stream, {
    filter_subjects: plan.filter,
    deliver_policy: DeliverPolicy.LastPerSubject,
    headers_only: !plan.withData,
  });
  const info = await consumer.info(true);
  let isSynced = false;
  let isStopped = false;
  let told = 0;
  let cancelLook: Cancel = () => {};
  const sync = (pending: number): void => {
    if (isSynced || isStopped || pending > 0) return;
    isSynced = true;
    cancelLook();
    reader.synced();
  };
  const lookAfterSilence = (before: number): void => {
    if (isSynced || isStopped) return;
    cancelLook = plan.clock.after(silence, () => {
      if (told > before) lookAfterSilence(told);
      else void askWhatIsLeft();
    });
  };
  const askWhatIsLeft = async (): Promise<void> => {
    const { num_pending: pending, delivered } = await consumer.info().catch(() => info);
    sync(Math.max(pending, delivered.consumer_seq - told));
    lookAfterSilence(told);
  };
  const messages = await consumer.consume({
    callback: (message) => {
      if (isStopped) return;
      told++;
      reader.entry(rawEntry(plan, message));
      sync(message.info.pending);
    },
  });
  void messages.closed().then(() => {
    if (!isStopped) reader.ended();
  });
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    cancelLook();
    forgetLink();
    messages.stop();
    whenConnected(plan.link, () => {
      consumer.delete().catch(() => {}); // it would go by itself in a while
    });
  };
  const forgetLink = plan.link.onState((state) => {
    if (state === 'closed') stop();
  });
  if (plan.link.state === 'closed') stop();
  else {
    sync(info.num_pending);
    lookAfterSilence(told);
  }
  return stop;
}

/** Now, or when the link is back: a server that was killed has kept the consumers of before, and each costs it. */
function whenConnected(link: Link, task: () => void): void {
  if (link.state === 'connected') task();
  else if (link.state === 'disconnected') {
    const forget = link.onState((state) => {
      forget();
      if (state === 'connected') task();
    });
  }
}

function rawEntry({ prefix }: LatestPlan, message: JsMsg): RawEntry {
  const isDeleted = (message.headers?.get(operationHeader) ?? '') !== '';
  return {
    key: message.subject.slice(prefix.length),
    revision: message.seq,
    storedAt: millis(message.info.timestampNanos),
    data: isDeleted ? undefined : message.data,
  };
}
