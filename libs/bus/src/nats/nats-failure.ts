import { errors } from '@nats-io/nats-core';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';

/** The failure that an error of the NATS client stands for. */
export function natsFailure(error: unknown): BusFailure {
  const message = error instanceof Error ? error.message : 'unknown';
  if (error instanceof errors.TimeoutError) return busFailure('timeout', 'JetStream did not answer in time', error);
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) {
    return busFailure('closed', message, error);
  }
  return busFailure('store', `JetStream: ${message}`, error);
}
