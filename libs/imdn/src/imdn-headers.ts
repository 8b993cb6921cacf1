import type { CpimAddress, CpimHead, CpimHeader } from '@parley/cpim';
import {
  cpimHeader,
  cpimHeaders,
  cpimTextHeader,
  imdnNamespace,
  parseCpimAddress,
  serialiseCpimAddress,
  unescapeValue,
} from '@parley/cpim';
import { decodeText, encodeText, trimWsp } from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { NotifyRequest } from './notify-request.ts';
import { notifyRequestsText, parseNotifyRequests } from './notify-request.ts';

/** What the headers of disposition notification say in a message. @spec RFC 5438 §6 */
export interface ImdnHeaders {
  /** Names the message; a request without it asks for nothing. */
  readonly messageId?: string;
  readonly requests: readonly NotifyRequest[];
  /** Who the message was for before an intermediary changed it. */
  readonly originalTo?: CpimAddress;
  /** Intermediaries that want the notification to pass them, topmost first. */
  readonly recordRoutes: readonly CpimAddress[];
  /** In a notification: where it has still to pass, topmost first. */
  readonly routes: readonly CpimAddress[];
}

function addresses(head: CpimHead, name: string, codec: ByteCodec): Result<readonly CpimAddress[], ParseError> {
  const found: CpimAddress[] = [];
  for (const { value } of cpimHeaders(head, imdnNamespace, name)) {
    const address = parseCpimAddress(value, codec);
    if (!address.ok) return address;
    found.push(address.value);
  }
  return ok(found);
}

/** Where a message stands in a head at most once. */
function atMostOne<T>(values: readonly T[], name: string): Result<T | undefined, ParseError> {
  const [first, second] = values;
  if (second === undefined) return ok(first);
  return err(parseError(name, 0, 'RFC 5438 §6', `expected ${name} once, got it twice`));
}

/**
 * The Message-ID of a message; undefined when there is none.
 *
 * @deviation Any characters but white space and controls are taken, where the grammar wants a Token: clients write `@`
 * and `.` too.
 * @returns an error when it is empty, has white space, or is there twice
 * @spec RFC 5438 §6.3
 */
export function messageIdOf(head: CpimHead, codec: ByteCodec = portableCodec): Result<string | undefined, ParseError> {
  const header = atMostOne(cpimHeaders(head, imdnNamespace, 'Message-ID'), 'Message-ID');
  if (!header.ok || header.value === undefined) return header.ok ? ok(undefined) : header;
  const id = trimWsp(unescapeValue(decodeText(header.value.value, codec)));
  if (/^[^\s\p{Cc}]+$/u.test(id)) return ok(id);
  return err(parseError('Message-ID', 0, 'RFC 5438 §10', 'expected a Token'));
}

/** What the sender asks for; nothing when there is no such header. @spec RFC 5438 §6.2 */
export function notifyRequestsOf(head: CpimHead, codec: ByteCodec = portableCodec): readonly NotifyRequest[] {
  const header = cpimHeader(head, imdnNamespace, 'Disposition-Notification');
  return header === undefined ? [] : parseNotifyRequests(decodeText(header.value, codec));
}

/** Reads all of them. @returns an error when one is malformed, or there twice where it may be once @spec RFC 5438 §6, §10 */
export function imdnHeadersOf(head: CpimHead, codec: ByteCodec = portableCodec): Result<ImdnHeaders, ParseError> {
  const messageId = messageIdOf(head, codec);
  if (!messageId.ok) return messageId;
  const [originals, recordRoutes, routes] = [
    addresses(head, 'Original-To', codec),
    addresses(head, 'IMDN-Record-Route', codec),
    addresses(head, 'IMDN-Route', codec),
  ];
  if (!originals.ok) return originals;
  if (!recordRoutes.ok) return recordRoutes;
  if (!routes.ok) return routes;
  const originalTo = atMostOne(originals.value, 'Original-To');
  if (!originalTo.ok) return originalTo;
  return ok({
    ...(messageId.value === undefined ? {} : { messageId: messageId.value }),
    requests: notifyRequestsOf(head, codec),
    ...(originalTo.value === undefined ? {} : { originalTo: originalTo.value }),
    recordRoutes: recordRoutes.value,
    routes: routes.value,
  });
}

function addressHeader(name: string, address: CpimAddress): CpimHeader {
  return { name: `imdn.${name}`, parameters: '', value: serialiseCpimAddress(address) };
}

/** The headers as they are put behind those of a head, the declaration of their namespace first. @spec RFC 5438 §6.1 */
export function writeImdnHeaders(headers: Partial<ImdnHeaders>): readonly CpimHeader[] {
  const { messageId, requests = [], originalTo, recordRoutes = [], routes = [] } = headers;
  const asked = encodeText(notifyRequestsText(requests));
  return [
    cpimTextHeader('NS', `imdn <${imdnNamespace}>`),
    ...(messageId === undefined ? [] : [cpimTextHeader('imdn.Message-ID', messageId)]),
    ...(requests.length === 0 ? [] : [{ name: 'imdn.Disposition-Notification', parameters: '', value: asked }]),
    ...(originalTo === undefined ? [] : [addressHeader('Original-To', originalTo)]),
    ...recordRoutes.map((address) => addressHeader('IMDN-Record-Route', address)),
    ...routes.map((address) => addressHeader('IMDN-Route', address)),
  ];
}
