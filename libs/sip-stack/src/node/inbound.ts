import { randomBytes } from 'node:crypto';
import { createResponseTo, parseSipMessage, readRaw } from '@parley/sip';
import type { FramerEvent, RawField, SipMessage, SipParseError, SipRequest, SipResponse } from '@parley/sip';
import type { Flow } from '../flow.ts';
import { stampSource } from '../transaction-layer/stamp-source.ts';
import type { PeerPermit } from './guard/peer-permit.ts';
import type { Verdict } from './guard/verdict.ts';
import type { TransportContext } from './transport-context.ts';

/** A flow and what its peer may still do. */
export type PermittedFlow = Flow & { readonly permit: PeerPermit };

/** Seconds after which a peer that sent too fast may try again: what it takes until all is forgotten. */
const retryAfter = '4';

/**
 * The answer to a request that is not one; undefined when there is none to give: to a response, to an ACK, or to bytes
 * without a Via.
 *
 * @param maxSize - octets that the Max-Size of a 413 tells
 * @spec RFC 3261 §8.2.6, §16.3, §17 (an ACK is never answered)
 */
export function answerToMalformed(error: SipParseError, flow: Flow, maxSize: number): SipResponse | undefined {
  const { salvaged, status } = error;
  if (status === undefined || salvaged?.kind !== 'request' || salvaged.method === 'ACK') return undefined;
  if (readRaw(salvaged, 'Via') === undefined) return undefined;
  const fields: readonly RawField[] = status === 413 ? [['Max-Size', String(maxSize)]] : [];
  const phrase = status === 400 ? `Bad Request: ${error.message}` : undefined;
  return statelessAnswer(salvaged, flow, status, fields, phrase);
}

function statelessAnswer(
  request: SipRequest,
  flow: Flow,
  status: number,
  fields: readonly RawField[],
  phrase?: string,
): SipResponse {
  const toTag = randomBytes(8).toString('hex');
  return createResponseTo(stampSource(request, flow.remote), status, phrase, { toTag, fields });
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
  const answer = answerToMalformed(error, flow, context.limits.maxSize);
  if (answer !== undefined) flow.send(answer);
}

/** Takes what a framer found in a stream. */
export function takeEvent(event: FramerEvent, flow: PermittedFlow & { pong(): void }, context: TransportContext): void {
  switch (event.kind) {
    case 'message':
      if (event.message.kind === 'response') deliver(event.message, flow, context);
      else takeRequest(event.message, flow, context, flow.permit.message());
      return;
    case 'ping':
      if (flow.permit.message() === 'cut') cutOff(flow, context);
      else flow.pong();
      return;
    case 'pong':
      return;
    case 'error':
      takeError(event.error, flow, context);
      if (!event.fatal) return;
      context.dropped('framing-lost', flow.remote.address);
      flow.close('the stream has no message boundaries any more');
  }
}

function takeError(error: SipParseError, flow: PermittedFlow, context: TransportContext): void {
  if (flow.permit.message() === 'cut') cutOff(flow, context);
  else refuse(error, flow, context);
}

/** Hands a request up; from who sends too fast, it is answered 503, and then not even that. @spec RFC 3261 §21.5.4 */
function takeRequest(request: SipRequest, flow: Flow, context: TransportContext, verdict: Verdict): void {
  if (verdict === 'pass') {
    deliver(request, flow, context);
    return;
  }
  if (request.method !== 'ACK') flow.send(statelessAnswer(request, flow, 503, [['Retry-After', retryAfter]]));
  if (verdict === 'cut') cutOff(flow, context);
  else context.dropped('rate', flow.remote.address);
}

/** Ends a connection whose peer goes on in spite of every 503. */
export function cutOff(flow: Flow, context: TransportContext): void {
  context.dropped('rate', flow.remote.address);
  flow.close('the peer sends too fast');
}

/** Fourth octet of every status-line, and of no request-line: a slash is no part of a method. @spec RFC 3261 §7.2 */
const slash = 0x2f;

/** Whether octets can be nothing but a response. */
export function isResponse(bytes: Uint8Array): boolean {
  return bytes[3] === slash;
}

/** What becomes of a datagram or WebSocket message, before anybody looks into it. Responses were asked for, mostly. */
export function verdictOn(bytes: Uint8Array, { permit }: PermittedFlow): Verdict {
  const verdict = permit.octets(bytes.length);
  return isResponse(bytes) ? verdict : permit.message();
}

/** Takes one datagram or WebSocket message that was not cut off. */
export function takeMessage(bytes: Uint8Array, flow: Flow, context: TransportContext, verdict: Verdict): void {
  const parsed = parseSipMessage(bytes, context.parsing);
  if (!parsed.ok) refuse(parsed.error, flow, context);
  else if (parsed.value.kind === 'response') deliver(parsed.value, flow, context);
  else takeRequest(parsed.value, flow, context, verdict);
}

/** Whether a datagram or WebSocket message is a keep-alive: nothing but line breaks and zeros. @spec RFC 5626 §3.5.1 */
export function isKeepAlive(bytes: Uint8Array): boolean {
  if (bytes.length > 4) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0x0d && bytes[i] !== 0x0a && bytes[i] !== 0) return false;
  return true;
}
