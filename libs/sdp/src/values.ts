import type {
  Attribute,
  Bandwidth,
  Connection,
  MediaDescription,
  Origin,
  RepeatTimes,
  TimeDescription,
  ZoneAdjustment,
} from './session-description.ts';

const token = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+$/;
const visible = /^[!-~\x80-\xff]+$/;
const number = /^\d+$/;
const time = /^(?:0|[1-9]\d{9,})$/;
const typedTime = /^\d+[dhms]?$/;
const repeatInterval = /^[1-9]\d*[dhms]?$/;
const zoneOffset = /^-?\d+[dhms]?$/;
const transport = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+(?:\/[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+)*$/;

/** Whether the text is one token. @spec RFC 8866 §9 */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** A value that only has to be there. @spec RFC 8866 §9 (text, byte-string) */
export function readText(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** A safe integer of decimal digits. */
export function readNumber(text: string): number | undefined {
  const value = number.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `o=`. @spec RFC 8866 §5.2 */
export function readOrigin(value: string): Origin | undefined {
  const [username = '', sessId = '', sessVersion = '', nettype = '', addrtype = '', unicastAddress = '', ...more] =
    value.split(' ');
  const words = visible.test(username) && visible.test(unicastAddress) && token.test(nettype) && token.test(addrtype);
  if (!words || !number.test(sessId) || !number.test(sessVersion) || more.length > 0) return undefined;
  return { username, sessId, sessVersion, nettype, addrtype, unicastAddress };
}

/** `c=`. @spec RFC 8866 §5.7 */
export function readConnection(value: string): Connection | undefined {
  const [nettype = '', addrtype = '', connectionAddress = '', ...more] = value.split(' ');
  if (!token.test(nettype) || !token.test(addrtype) || !visible.test(connectionAddress)) return undefined;
  return more.length > 0 ? undefined : { nettype, addrtype, connectionAddress };
}

/** `b=`. @spec RFC 8866 §5.8 */
export function readBandwidth(value: string): Bandwidth | undefined {
  const colon = value.indexOf(':');
  const bwtype = value.slice(0, Math.max(colon, 0));
  const bandwidth = readNumber(value.slice(colon + 1));
  return token.test(bwtype) && bandwidth !== undefined ? { bwtype, bandwidth } : undefined;
}

/** `t=`, so far without repeats. @spec RFC 8866 §5.9 */
export function readTime(value: string): TimeDescription | undefined {
  const [startTime = '', stopTime = '', ...more] = value.split(' ');
  if (!time.test(startTime) || !time.test(stopTime) || more.length > 0) return undefined;
  return { startTime, stopTime, repeats: [], zones: [] };
}

/** `r=`. @spec RFC 8866 §5.10 */
export function readRepeat(value: string): RepeatTimes | undefined {
  const [interval = '', duration = '', ...offsets] = value.split(' ');
  if (!repeatInterval.test(interval) || !typedTime.test(duration) || offsets.length === 0) return undefined;
  return offsets.every((offset) => typedTime.test(offset)) ? { interval, duration, offsets } : undefined;
}

/** `z=`. @spec RFC 8866 §5.11 */
export function readZones(value: string): readonly ZoneAdjustment[] | undefined {
  const words = value.split(' ');
  const zones: ZoneAdjustment[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [at = '', offset = ''] = [words[i], words[i + 1]];
    if (!time.test(at) || at === '0' || !zoneOffset.test(offset)) return undefined;
    zones.push({ time: at, offset });
  }
  return zones;
}

/**
 * `a=`.
 *
 * @deviation An empty value passes, where the grammar wants an octet: one odd attribute is no reason to refuse a call.
 * @spec RFC 8866 §5.13
 */
export function readAttribute(value: string): Attribute | undefined {
  const colon = value.indexOf(':');
  const name = colon === -1 ? value : value.slice(0, colon);
  if (!token.test(name)) return undefined;
  return colon === -1 ? { name } : { name, value: value.slice(colon + 1) };
}

/**
 * `m=`, so far without the lines that follow it.
 *
 * @deviation A format may be any visible word: a media type such as `text/plain` is no token, yet some send it.
 * @spec RFC 8866 §5.14
 */
export function readMedia(value: string): MediaDescription | undefined {
  const [media = '', ports = '', proto = '', ...formats] = value.split(' ');
  const [first = '', count, ...more] = ports.split('/');
  const port = readNumber(first);
  const portCount = count === undefined ? undefined : readNumber(count);
  if (port === undefined || port > 65_535 || more.length > 0 || (count !== undefined && !portCount)) return undefined;
  if (!token.test(media) || !transport.test(proto) || formats.length === 0) return undefined;
  if (!formats.every((format) => visible.test(format))) return undefined;
  const line = { media, port, proto, formats, connections: [], bandwidths: [], attributes: [] };
  return portCount === undefined ? line : { ...line, portCount };
}

const seconds = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Seconds that a typed-time such as `7d` or `-1h` stands for. @spec RFC 8866 §5.10 */
export function typedTimeSeconds(text: string): number {
  const unit = text.at(-1);
  const factor = unit === 'd' || unit === 'h' || unit === 'm' || unit === 's' ? seconds[unit] : 1;
  return parseInt(text, 10) * factor;
}
