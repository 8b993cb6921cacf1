import type { SipRequest } from '@parley/sip';
import { field, read, readRaw } from '@parley/sip';
import { roomEvents, roomMethods } from './methods.ts';
import type { Rejection } from './rejection.ts';

/** Methods that a room or the factory answers; MESSAGE is refused by it with a reason. */
const ofRooms: ReadonlySet<string> = new Set(['INVITE', 'BYE', 'OPTIONS', 'UPDATE', 'REFER', 'SUBSCRIBE', 'MESSAGE']);

/** Bodies of an INVITE that the focus reads; the factory takes a list besides. @spec RFC 3261 §8.2.3 */
const ofInvites: Readonly<Record<'room' | 'factory', readonly string[]>> = {
  room: ['application/sdp', 'multipart/mixed'],
  factory: ['application/sdp', 'multipart/mixed', 'application/resource-lists+xml'],
};

/** What can be said of a request to the chat domain before anybody is asked. */
export function rejectRoomRequest(
  request: SipRequest,
  kind: 'room' | 'factory' | 'chat-server',
): Rejection | undefined {
  const { method } = request;
  if (kind === 'chat-server') return method === 'OPTIONS' ? undefined : { status: 405, fields: [['Allow', 'OPTIONS']] };
  if (!ofRooms.has(method)) return { status: 405, fields: [['Allow', roomMethods]] };
  if (method === 'SUBSCRIBE') return rejectSubscribe(request);
  return method === 'INVITE' ? rejectBody(request, ofInvites[kind]) : undefined;
}

/** @spec RFC 6665 §4.2.1.1 */
function rejectSubscribe(request: SipRequest): Rejection | undefined {
  const event = read(request, field.event);
  return event.ok && event.value?.package.toLowerCase() === roomEvents
    ? undefined
    : { status: 489, fields: [['Allow-Events', roomEvents]] };
}

function rejectBody(request: SipRequest, types: readonly string[]): Rejection | undefined {
  if (request.body.length === 0) return undefined;
  const encoding = readRaw(request, 'Content-Encoding')?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity') return { status: 415, fields: [['Accept-Encoding', 'identity']] };
  const type = (readRaw(request, 'Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return types.includes(type) ? undefined : { status: 415, fields: [['Accept', types.join(', ')]] };
}
