import { readRaw, readRawAll } from '@parley/sip';
import type { Glance, SipRequest } from '@parley/sip';
import { isInDialog } from '../routing/dialog-requests.ts';
import type { RequestKind } from './load-control.ts';

/** Methods that keep up or end what stands. */
const kept: ReadonlySet<string> = new Set(['REGISTER', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'NOTIFY']);
const messages: ReadonlySet<string> = new Set(['MESSAGE', 'INVITE', 'REFER']);
/** Namespaces and their values for emergencies. @spec RFC 4412 §10, RFC 7135 §3 */
const emergency = /\b(?:esnet|ets|wps)\.[0-4]\b/i;

/**
 * How dear a request is to a server that cannot take all: what keeps up registrations, sessions and lives first, then
 * messages, then what can come later.
 *
 * @note anybody can say that it is an emergency; what he may send is limited as for others
 * @spec RFC 7339 §5.10.1, RFC 3261 §20.26
 */
export function kindOf(request: SipRequest): RequestKind {
  return isEmergency(request) || isInDialog(request) ? 'kept' : kindOfMethod(request.method);
}

/** {@link kindOf} of what was only glanced at; undefined where that is not enough to tell. */
export function kindAtGlance({ method, isInDialog: within, isPrioritised }: Glance): RequestKind | undefined {
  if (isPrioritised) return undefined;
  return within ? 'kept' : kindOfMethod(method);
}

function kindOfMethod(method: string): RequestKind {
  if (kept.has(method)) return 'kept';
  return messages.has(method) ? 'message' : 'deferrable';
}

function isEmergency(request: SipRequest): boolean {
  if (readRaw(request, 'Priority')?.trim().toLowerCase() === 'emergency') return true;
  if (request.requestUri.toLowerCase().startsWith('urn:service:sos')) return true;
  return emergency.test(readRaw(request, 'Resource-Priority') ?? '');
}

/** Whether a request came straight from its sender, with no proxy between. */
export function isDirect(request: SipRequest): boolean {
  const [top, below] = readRawAll(request, 'Via');
  return below === undefined && top?.includes(',') === false;
}
