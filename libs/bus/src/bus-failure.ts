import type { TransportFailure } from '@parley/prelude';
import { transportFailure } from '@parley/prelude';

/**
 * Why something on the bus did not happen:
 * - `disconnected`: NATS is away; what was in flight may or may not have been carried out
 * - `no-responder`: nobody served the subject until the deadline
 * - `timeout`: no answer by the deadline; it may have been carried out
 * - `busy`: the one who serves it has a full backlog
 * - `fault`: the handler threw
 * - `unreadable`: one side sent bytes that the other cannot decode
 * - `refused`: the message or subject cannot be sent at all: too large, too long, malformed
 * - `store`: JetStream would not carry it out
 * - `closed`: this end of the bus is closed
 */
export type BusFailureReason =
  'disconnected' | 'no-responder' | 'timeout' | 'busy' | 'fault' | 'unreadable' | 'refused' | 'store' | 'closed';

/** A {@link TransportFailure} that says which way the bus failed. */
export interface BusFailure extends TransportFailure {
  readonly reason: BusFailureReason;
}

const lasting: readonly BusFailureReason[] = ['unreadable', 'refused', 'closed'];

/** Builds a {@link BusFailure}; all but `unreadable`, `refused` and `closed` are worth another try. */
export function busFailure(reason: BusFailureReason, message: string, cause?: unknown): BusFailure {
  return { ...transportFailure(message, !lasting.includes(reason), cause), reason };
}
