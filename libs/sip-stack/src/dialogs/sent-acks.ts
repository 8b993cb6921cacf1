import type { SipRequest, SipResponse } from '@parley/sip';
import { dialogIdOf } from './parties.ts';

/**
 * ACKs that a UAC sent for the 2xx of one INVITE, by dialog: a fork may accept several times, and each 2xx that comes
 * again wants the same ACK again. Keep it for the life of the client transaction (64*T1).
 *
 * @spec RFC 3261 §13.2.2.4
 */
export type SentAcks = ReadonlyMap<string, SipRequest>;

/** No ACK sent yet. */
export const noAcks: SentAcks = new Map<string, SipRequest>();

/** The ACK to send once more for a 2xx, or undefined for the first 2xx of its dialog. */
export function repeatedAck(acks: SentAcks, response: SipResponse): SipRequest | undefined {
  return acks.get(dialogIdOf(response) ?? '');
}

/** Remembers the ACK of a 2xx. */
export function withAck(acks: SentAcks, response: SipResponse, ack: SipRequest): SentAcks {
  return new Map(acks).set(dialogIdOf(response) ?? '', ack);
}
