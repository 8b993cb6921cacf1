import { unwrap } from '@parley/prelude';
import { parseSipMessage } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { seededRandom } from '@parley/testing';
import { acceptInitial } from '../src/subscription/accept.ts';
import type { Accepted, Request } from '../src/subscription/accept.ts';
import { noRates } from '../src/subscription/rates.ts';
import type { SubscribeShape } from './peers.ts';
import { subscribeText } from './peers.ts';

export const now = Date.UTC(2026, 0, 1);
export const room = 'sip:lobby@chat.localhost';

export function parsed(text: string): SipRequest {
  const message = unwrap(parseSipMessage(new TextEncoder().encode(text)));
  if (message.kind !== 'request') throw new Error('expected a request');
  return message;
}

export function requestOf(shape: Partial<SubscribeShape> = {}, more: Partial<Request> = {}): Request {
  return {
    commandId: 'command',
    room,
    request: parsed(subscribeText({ callId: 'call', ...shape })),
    identity: 'sip:bob@localhost',
    reach: { edgeInstance: 'e1', flow: 'f1', byDatagram: false },
    isSecure: false,
    ...more,
  };
}

/** A subscription of Bob's, for ten minutes. */
export function subscribed(): Accepted {
  return unwrap(acceptInitial(requestOf(), { expires: 600, eventId: '', rates: noRates }, now, seededRandom(1)));
}
