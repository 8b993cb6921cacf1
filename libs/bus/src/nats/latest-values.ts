import { DeliverPolicy } from '@nats-io/jetstream';
import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import type { Cancel } from '@parley/prelude';
import { millis } from '@nats-io/nats-core';
import type { Link, RawEntry } from '../link.ts';

/** Header and value by which a bucket marks a deletion, as all NATS clients do. */
export const operationHeader = 'KV-Operation';
/** See {@link operationHeader}. */
export const deleteOperation = 'DEL';

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
}

/** Where it goes. */
export interface LatestReader {
  entry(entry: RawEntry, storedAt: number): void;
  /** All that existed has been told. */
  synced(): void;
  /** No more will come, though nobody asked to stop. */
  ended(): void;
}

/** Reads the newest message of each subject, then each new one, until cancelled. Rejects when it cannot begin. */
export async function readLatest(plan: LatestPlan, reader: LatestReader): Promise<Cancel> {
  const consumer = await plan.client.consumers.getPushConsumer(plan.stream, {
    filter_subjects: plan.filter,
    deliver_policy: DeliverPolicy.LastPerSubject,
    headers_only: !plan.withData,
  });
  const info = await consumer.info(true);
  let isSynced = false;
  let isStopped = false;
  const sync = (pending: number): void => {
    if (isSynced || pending > 0) return;
    isSynced = true;
    reader.synced();
  };
  const messages = await consumer.consume({
    callback: (message) => {
      if (isStopped) return;
      reader.entry(rawEntry(plan, message), millis(message.info.timestampNanos));
      sync(message.info.pending);
    },
  });
  void messages.closed().then(() => {
    if (!isStopped) reader.ended();
  });
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    forgetLink();
    messages.stop();
    if (plan.link.state === 'connected') consumer.delete().catch(() => {}); // it would go by itself in a while
  };
  const forgetLink = plan.link.onState((state) => {
    if (state === 'closed') stop();
  });
  if (plan.link.state === 'closed') stop();
  else sync(info.num_pending);
  return stop;
}

function rawEntry({ prefix }: LatestPlan, message: JsMsg): RawEntry {
  const isDeleted = (message.headers?.get(operationHeader) ?? '') !== '';
  return {
    key: message.subject.slice(prefix.length),
    revision: message.seq,
    data: isDeleted ? undefined : message.data,
  };
}
