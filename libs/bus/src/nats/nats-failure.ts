import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';

/** Whether the server refused a write because another came first. */
export function isWrongSequence(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

/** The failure that an error of the NATS client stands for. */
export function natsFailure(error: unknown): BusFailure {
  const message = error instanceof Error ? error.message : 'unknown';
  if (error instanceof errors.TimeoutError) return busFailure('timeout', 'JetStream did not answer in time', error);
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
    return busFailure('closed', message, error);
  }
  return busFailure('store', `JetStream: ${message}`, error);
}
