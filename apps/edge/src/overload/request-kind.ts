import { readRaw, readRawAll } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
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
  if (kept.has(request.method) || isEmergency(request) || isInDialog(request)) return 'kept';
  return messages.has(request.method) ? 'message' : 'deferrable';
}

function isEmergency(request: SipRequest): boolean {
  if (readRaw(request, 'Priority')?.trim().toLowerCase() === 'emergency') return true;
  if (request.requestUri.toLowerCase().startsWith('urn:service:sos')) return true;
  return emergency.test(readRaw(request, 'Resource-Priority') ?? '');
}

const letters = { M: 0x4d, E: 0x45, S: 0x53, U: 0x55, O: 0x4f, P: 0x50 };

/**
 * The kind of a datagram by its first octets, as far as they tell without a look at the rest; undefined for what is to
 * be looked at: responses, sessions, and whatever speaks of an emergency.
 */
export function kindOfDatagram(datagram: Buffer): RequestKind | undefined {
  const [first, second] = datagram;
  const kind = kindOfStart(first, second);
  return kind === undefined || datagram.includes('emergency', 0, 'latin1') || datagram.includes('esource-', 0, 'latin1')
    ? undefined
    : kind;
}

function kindOfStart(first: number | undefined, second: number | undefined): RequestKind | undefined {
  if (first === letters.M && second === letters.E) return 'message';
  const isDeferrable =
    (first === letters.S && second === letters.U) ||
    first === letters.O ||
    (first === letters.P && second === letters.U);
  return isDeferrable ? 'deferrable' : undefined;
}

/** Whether a request came straight from its sender, with no proxy between. */
export function isDirect(request: SipRequest): boolean {
  const [top, below] = readRawAll(request, 'Via');
  return below === undefined && top?.includes(',') === false;
}
