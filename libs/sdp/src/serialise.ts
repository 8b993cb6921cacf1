import type { ByteCodec } from '@parley/prelude';
import { Fault, portableCodec } from '@parley/prelude';
import type {
  Attribute,
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  SessionDescription,
  TimeDescription,
} from './session-description.ts';

function connectionLine(connection: Connection): string {
  return `c=${connection.nettype} ${connection.addrtype} ${connection.connectionAddress}`;
}

function originLine(origin: Origin): string {
  const { username, sessId, sessVersion, nettype, addrtype, unicastAddress } = origin;
  return `o=${username} ${sessId} ${sessVersion} ${nettype} ${addrtype} ${unicastAddress}`;
}

function bandwidthLine({ bwtype, bandwidth }: Bandwidth): string {
  return `b=${bwtype}:${bandwidth}`;
}

function attributeLine({ name, value }: Attribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`;
}

function timeLines({ startTime, stopTime, repeats, zones }: TimeDescription): readonly string[] {
  return [
    `t=${startTime} ${stopTime}`,
    ...repeats.map(({ interval, duration, offsets }) => `r=${interval} ${duration} ${offsets.join(' ')}`),
    ...(zones.length === 0 ? [] : [`z=${zones.map(({ time, offset }) => `${time} ${offset}`).join(' ')}`]),
  ];
}

function textLine(type: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${type}=${value}`];
}

function mediaLines(media: MediaDescription): readonly string[] {
  const ports = media.portCount === undefined ? String(media.port) : `${media.port}/${media.portCount}`;
  return [
    `m=${media.media} ${ports} ${media.proto} ${media.formats.join(' ')}`,
    ...textLine('i', media.information),
    ...media.connections.map(connectionLine),
    ...media.bandwidths.map(bandwidthLine),
    ...media.attributes.map(attributeLine),
  ];
}

const unsafe = /[\0\r\n]/;

/**
 * The description as text, one character per octet, every line ended by CRLF.
 *
 * @throws Fault when a value holds NUL, CR or LF: our bug, and a way to smuggle lines in
 * @spec RFC 8866 §9
 */
export function sdpText(description: SessionDescription): string {
  const lines = [
    'v=0',
    originLine(description.origin),
    `s=${description.sessionName}`,
    ...textLine('i', description.information),
    ...textLine('u', description.uri),
    ...description.emails.map((email) => `e=${email}`),
    ...description.phones.map((phone) => `p=${phone}`),
    ...(description.connection === undefined ? [] : [connectionLine(description.connection)]),
    ...description.bandwidths.map(bandwidthLine),
    ...description.times.flatMap(timeLines),
    ...description.attributes.map(attributeLine),
    ...description.media.flatMap(mediaLines),
  ];
  if (lines.some((line) => unsafe.test(line))) throw new Fault('an SDP value that would break its line');
  return `${lines.join('\r\n')}\r\n`;
}

/** Octets of the description. @throws Fault as {@link sdpText} does @spec RFC 8866 §9 */
export function serialiseSdp(description: SessionDescription, codec: ByteCodec = portableCodec): Uint8Array {
  return codec.encodeLatin1(sdpText(description));
}
