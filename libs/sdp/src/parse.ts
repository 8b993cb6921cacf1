import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import { LineReader } from './line-reader.ts';
import type { SdpLimits } from './limits.ts';
import { defaultSdpLimits } from './limits.ts';
import type { Connection, MediaDescription, SessionDescription, TimeDescription } from './session-description.ts';
import {
  readAttribute,
  readBandwidth,
  readConnection,
  readMedia,
  readOrigin,
  readRepeat,
  readText,
  readTime,
  readZones,
} from './values.ts';

/** `{ [name]: value }`, or nothing when there is no value: optional fields are absent rather than undefined. */
function given<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  // A computed key widens to an index signature; it is `name` and nothing else.
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, T>>);
}

/** A `k=` line is obsolete: "MUST discard it if it is received". @spec RFC 8866 §5.12 */
function discardKey(reader: LineReader): void {
  reader.optional('k', 'key-field', 'RFC 8866 §5.12', readText);
}

function timeDescription(reader: LineReader): TimeDescription | undefined {
  const time = reader.required('t', 'time-field', 'RFC 8866 §5.9', readTime);
  const repeats = reader.many('r', 'repeat-field', 'RFC 8866 §5.10', readRepeat);
  const zones = repeats.length === 0 ? [] : (reader.optional('z', 'zone-field', 'RFC 8866 §5.11', readZones) ?? []);
  return time && { ...time, repeats, zones };
}

/** The time of a session that is not bound to one. @spec RFC 3264 §5 */
const permanent: TimeDescription = { startTime: '0', stopTime: '0', repeats: [], zones: [] };

/**
 * @deviation A description without `t=` is read as `t=0 0`: the examples of RFC 7701 §9.1, and clients made after them,
 * leave it out.
 */
function timeDescriptions(reader: LineReader): readonly TimeDescription[] {
  const times: TimeDescription[] = [];
  while (reader.at('t')) {
    const time = timeDescription(reader);
    if (time !== undefined) times.push(time);
  }
  return times.length === 0 ? [permanent] : times;
}

function connectionField(reader: LineReader): Connection | undefined {
  return reader.optional('c', 'connection-field', 'RFC 8866 §5.7', readConnection);
}

function mediaDescription(reader: LineReader): MediaDescription | undefined {
  const media = reader.required('m', 'media-field', 'RFC 8866 §5.14', readMedia);
  const information = reader.optional('i', 'information-field', 'RFC 8866 §5.4', readText);
  const connections = reader.many('c', 'connection-field', 'RFC 8866 §5.7', readConnection);
  const bandwidths = reader.many('b', 'bandwidth-field', 'RFC 8866 §5.8', readBandwidth);
  discardKey(reader);
  const attributes = reader.many('a', 'attribute-field', 'RFC 8866 §5.13', readAttribute);
  return media && { ...media, ...given('information', information), connections, bandwidths, attributes };
}

function mediaDescriptions(reader: LineReader, maxMedia: number): readonly MediaDescription[] {
  const all: MediaDescription[] = [];
  while (reader.at('m')) {
    if (all.length === maxMedia) reader.fail('media-description', 'RFC 8866 §5.14', 'too many media descriptions');
    const media = mediaDescription(reader);
    if (media !== undefined) all.push(media);
  }
  return all;
}

/** @deviation An empty `s=`, which RFC 8866 §5.3 forbids and some clients send, is read as `-`. */
function readSessionName(value: string): string {
  return value === '' ? '-' : value;
}

function sessionDescription(reader: LineReader, limits: SdpLimits): SessionDescription | undefined {
  reader.required('v', 'version-field', 'RFC 8866 §5.1', (value) => (/^0+$/.test(value) ? value : undefined));
  const origin = reader.required('o', 'origin-field', 'RFC 8866 §5.2', readOrigin);
  const sessionName = reader.required('s', 'session-name-field', 'RFC 8866 §5.3', readSessionName);
  const information = reader.optional('i', 'information-field', 'RFC 8866 §5.4', readText);
  const uri = reader.optional('u', 'uri-field', 'RFC 8866 §5.5', readText);
  const emails = reader.many('e', 'email-field', 'RFC 8866 §5.6', readText);
  const phones = reader.many('p', 'phone-field', 'RFC 8866 §5.6', readText);
  const early = connectionField(reader);
  const bandwidths = reader.many('b', 'bandwidth-field', 'RFC 8866 §5.8', readBandwidth);
  const times = timeDescriptions(reader);
  const connection = early ?? connectionField(reader);
  discardKey(reader);
  const attributes = reader.many('a', 'attribute-field', 'RFC 8866 §5.13', readAttribute);
  const media = mediaDescriptions(reader, limits.maxMedia);
  if (origin === undefined || sessionName === undefined) return undefined;
  const optional = { ...given('information', information), ...given('uri', uri), ...given('connection', connection) };
  return { origin, sessionName, ...optional, emails, phones, bandwidths, times, attributes, media };
}

/**
 * Parses a session description; lines may end in a bare LF, and an unknown type letter rejects the whole.
 *
 * @deviation A description without any `c=` line passes: for MSRP the path says where to connect (RFC 4975 §8.1). One
 * behind the time passes as well, as RFC 3264 §9 itself writes it.
 * @spec RFC 8866 §9
 */
export function parseSdp(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: SdpLimits = defaultSdpLimits,
): Result<SessionDescription, ParseError> {
  if (bytes.length > limits.maxOctets) {
    return err(parseError('session-description', limits.maxOctets, 'RFC 8866 §5', 'longer than a description may be'));
  }
  const reader = LineReader.over(codec.decodeLatin1(bytes, 0, bytes.length), limits.maxLines);
  if (!reader.ok) return reader;
  const description = sessionDescription(reader.value, limits);
  const { error } = reader.value;
  if (error !== undefined) return err(error);
  if (description !== undefined) return ok(description);
  return err(parseError('session-description', 0, 'RFC 8866 §5', 'expected a session description'));
}
