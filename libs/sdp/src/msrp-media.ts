import type { MediaRange } from '@parley/mime';
import { parseMediaRanges, serialiseMediaRange } from '@parley/mime';
import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { attributeValue, attributeValues, effectiveValue } from './attributes.ts';
import type { ChatroomTokens } from './chatroom.ts';
import { readChatroom } from './chatroom.ts';
import type { Direction } from './direction.ts';
import { directionOf, withDirection } from './direction.ts';
import type { Fingerprint } from './fingerprint.ts';
import { readFingerprint } from './fingerprint.ts';
import type { Attribute, MediaDescription, SessionDescription } from './session-description.ts';
import type { ConnectionUse, Setup } from './setup.ts';
import { readConnectionUse, readSetup } from './setup.ts';
import { readNumber } from './values.ts';

/** What an `m=message` line says about an MSRP session. @spec RFC 4975 §8 */
export interface MsrpMedia {
  readonly proto: 'TCP/MSRP' | 'TCP/TLS/MSRP';
  readonly port: number;
  /** MSRP URIs, from the nearest relay to the endpoint; at least one. */
  readonly path: readonly string[];
  readonly acceptTypes: readonly MediaRange[];
  /** Types that are welcome inside a container only; empty when not given. */
  readonly acceptWrappedTypes: readonly MediaRange[];
  /** Octets of the largest message, when the side says so. */
  readonly maxSize?: number;
  readonly setup?: Setup;
  readonly connection?: ConnectionUse;
  readonly fingerprints: readonly Fingerprint[];
  /** Absent when the side does not speak the chat room extensions. */
  readonly chatroom?: ChatroomTokens;
  readonly direction: Direction;
  /** Attributes that are not about the above, in their order: `file-selector`, `msrp-cema` and the rest. */
  readonly others: readonly Attribute[];
}

/** Whether a stream is one of messages over MSRP. @spec RFC 4975 §8.1 */
export function isMsrpMedia(media: MediaDescription): boolean {
  return media.media === 'message' && (media.proto === 'TCP/MSRP' || media.proto === 'TCP/TLS/MSRP');
}

const known = new Set([
  ...['path', 'accept-types', 'accept-wrapped-types', 'max-size', 'setup', 'connection', 'fingerprint', 'chatroom'],
  ...['sendrecv', 'sendonly', 'recvonly', 'inactive'],
]);

const msrpUri = /^msrps?:\/\/[!-~]+$/i;

function refuse(rule: string, section: string, message: string): Result<never, ParseError> {
  return err(parseError(rule, 0, section, message));
}

/** Fields that may be absent, those that are. */
function optionals(session: SessionDescription, media: MediaDescription): Partial<MsrpMedia> {
  const maxSize = readNumber(attributeValue(media, 'max-size') ?? '');
  const setup = readSetup(effectiveValue(session, media, 'setup'));
  const connection = readConnectionUse(effectiveValue(session, media, 'connection'));
  return {
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(setup === undefined ? {} : { setup }),
    ...(connection === undefined ? {} : { connection }),
  };
}

function fingerprintsOf(
  session: SessionDescription,
  media: MediaDescription,
): Result<readonly Fingerprint[], ParseError> {
  const own = attributeValues(media, 'fingerprint');
  const values = own.length > 0 ? own : attributeValues(session, 'fingerprint');
  const fingerprints = values.map(readFingerprint).filter((value) => value !== undefined);
  return fingerprints.length === values.length
    ? ok(fingerprints)
    : refuse('fingerprint-attribute', 'RFC 8122 §5', 'expected a hash function and octets in hexadecimal');
}

function pathOf(media: MediaDescription): Result<readonly string[], ParseError> {
  const path = (attributeValue(media, 'path') ?? '').split(' ').filter((uri) => uri !== '');
  if (path.length > 0 && path.every((uri) => msrpUri.test(uri))) return ok(path);
  return refuse('path', 'RFC 4975 §8.2', 'expected one or more MSRP URIs');
}

function acceptTypesOf(media: MediaDescription): Result<readonly MediaRange[], ParseError> {
  const types = parseMediaRanges(attributeValue(media, 'accept-types') ?? '', ' ');
  if (!types.ok || types.value.length > 0) return types;
  return refuse('accept-types', 'RFC 4975 §8.6', 'expected one or more media types');
}

function chatroomOf(media: MediaDescription): Result<Pick<MsrpMedia, 'chatroom'>, ParseError> {
  const value = attributeValue(media, 'chatroom');
  if (value === undefined) return ok({});
  const chatroom = readChatroom(value);
  return chatroom === undefined
    ? refuse('chatroom-attr', 'RFC 7701 §8', 'expected tokens, each once')
    : ok({ chatroom });
}

/**
 * Reads what an `m=message` line says, session-level defaults included. A malformed `max-size`, being a hint, counts as
 * absent.
 *
 * @returns an error when it is no MSRP stream, or when path, accept-types, fingerprint or chatroom are not as they must be
 * @spec RFC 4975 §8
 */
export function parseMsrpMedia(session: SessionDescription, media: MediaDescription): Result<MsrpMedia, ParseError> {
  const { proto, port } = media;
  if (media.media !== 'message' || (proto !== 'TCP/MSRP' && proto !== 'TCP/TLS/MSRP')) {
    return refuse('media-field', 'RFC 4975 §8.1', 'expected message over TCP/MSRP or TCP/TLS/MSRP');
  }
  const path = pathOf(media);
  if (!path.ok) return path;
  const acceptTypes = acceptTypesOf(media);
  if (!acceptTypes.ok) return acceptTypes;
  const acceptWrappedTypes = parseMediaRanges(attributeValue(media, 'accept-wrapped-types') ?? '', ' ');
  if (!acceptWrappedTypes.ok) return acceptWrappedTypes;
  const fingerprints = fingerprintsOf(session, media);
  if (!fingerprints.ok) return fingerprints;
  const chatroom = chatroomOf(media);
  if (!chatroom.ok) return chatroom;
  return ok({
    ...{ proto, port, path: path.value, direction: directionOf(session, media), fingerprints: fingerprints.value },
    ...{ acceptTypes: acceptTypes.value, acceptWrappedTypes: acceptWrappedTypes.value },
    ...optionals(session, media),
    ...chatroom.value,
    others: media.attributes.filter(({ name }) => !known.has(name)),
  });
}

function line(name: string, value: string | number | undefined): readonly Attribute[] {
  return value === undefined ? [] : [{ name, value: String(value) }];
}

function rangesLine(name: string, ranges: readonly MediaRange[]): readonly Attribute[] {
  return ranges.length === 0 ? [] : [{ name, value: ranges.map((range) => serialiseMediaRange(range)).join(' ') }];
}

function chatroomLine(tokens: ChatroomTokens | undefined): readonly Attribute[] {
  if (tokens === undefined) return [];
  return tokens.length === 0 ? [{ name: 'chatroom' }] : line('chatroom', tokens.join(' '));
}

/** The media description that says this; the inverse of {@link parseMsrpMedia}. @spec RFC 4975 §8 */
export function msrpMediaDescription(msrp: MsrpMedia): MediaDescription {
  const attributes = [
    ...rangesLine('accept-types', msrp.acceptTypes),
    ...rangesLine('accept-wrapped-types', msrp.acceptWrappedTypes),
    ...line('max-size', msrp.maxSize),
    ...line('path', msrp.path.join(' ')),
    ...line('setup', msrp.setup),
    ...line('connection', msrp.connection),
    ...msrp.fingerprints.flatMap((print) => line('fingerprint', `${print.hashFunction} ${print.fingerprint}`)),
    ...chatroomLine(msrp.chatroom),
    ...msrp.others,
  ];
  const { port, proto } = msrp;
  const media = { media: 'message', port, proto, formats: ['*'], connections: [], bandwidths: [], attributes };
  return withDirection(media, msrp.direction);
}
