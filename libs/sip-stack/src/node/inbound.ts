import { randomBytes } from 'node:crypto';
import { createResponseTo, parseSipMessage, readRaw } from '@parley/sip';
import type { FramerEvent, SipMessage, SipParseError, SipResponse } from '@parley/sip';
import type { Flow } from '../flow.ts';
import { stampSource } from '../transaction-layer/stamp-source.ts';
import type { TransportContext } from './transport-context.ts';

/**
 * The answer to a request that is not one; undefined when there is none to give: to a response, to an ACK, or to bytes
 * without a Via.
 *
 * @spec RFC 3261 §8.2.6, §16.3, §17 (an ACK is never answered)
 */
export function answerToMalformed(error: SipParseError, flow: Flow): SipResponse | undefined {
  const { salvaged, status } = error;
  if (status === undefined || salvaged?.kind !== 'request' || salvaged.method === 'ACK') return undefined;
  if (readRaw(salvaged, 'Via') === undefined) return undefined;
  const toTag = randomBytes(8).toString('hex');
  return createResponseTo(stampSource(salvaged, flow.remote), status, undefined, { toTag });
}

/** Hands a message to the observer; a request carries where it came from. */
export function deliver(message: SipMessage, flow: Flow, context: TransportContext): void {
  context.observer.onMessage(message.kind === 'request' ? stampSource(message, flow.remote) : message, flow);
}

/** Answers what can be answered of bytes that are no message, and counts them. */
export function refuse(error: SipParseError, flow: Flow, context: TransportContext): void {
  const kind = error.salvaged?.kind;
  const reason = kind === 'request' ? 'malformed-request' : kind === 'response' ? 'malformed-response' : 'garbage';
  context.dropped(reason, flow.remote.address);
  const answer = answerToMalformed(error, flow);
  if (answer !== undefined) flow.send(answer);
}

/** Takes what a framer found in a stream. */
export function takeEvent(event: FramerEvent, flow: Flow & { pong(): void }, context: TransportContext): void {
  switch (event.kind) {
    case 'message':
      deliver(event.message, flow, context);
      return;
    case 'ping':
      flow.pong();
      return;
    case 'pong':
      return;
    case 'error':
      refuse(event.error, flow, context);
      if (!event.fatal) return;
      context.dropped('framing-lost', flow.remote.address);
      flow.close('the stream has no message boundaries any more');
  }
}

/** Takes one datagram or WebSocket message. */
export function takeMessage(bytes: Uint8Array, flow: Flow, context: TransportContext): void {
  const parsed = parseSipMessage(bytes, context.parsing);
  if (parsed.ok) deliver(parsed.value, flow, context);
  else refuse(parsed.error, flow, context);
}

/** Whether a datagram or WebSocket message is a keep-alive: nothing but line breaks and zeros. @spec RFC 5626 §3.5.1 */
export function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length > 4) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0x0d && bytes[i] !== 0x0a && bytes[i] !== 0) return false;
  return true;
}
