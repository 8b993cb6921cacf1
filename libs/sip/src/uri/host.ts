import { isIn, octetClass } from '../grammar/characters.ts';

const point = 0x2e;
const hyphen = 0x2d;
const zero = 0x30;
const thirdColon = /:::(?=[0-9.]+$)/;
const hexGroup = /^[0-9A-Fa-f]{1,4}$/;

/** Octets of the longest domain name. @spec RFC 1035 §2.3.4 */
const longestName = 255;

/** Four groups of three and the points between them. */
const longestIpv4 = 15;

/** Eight groups of four, the last two as an IPv4 address, and a colon too many. */
const longestIpv6 = 46;

/**
 * Whether the text is a host: name, IPv4 address, or IPv6 address in brackets.
 *
 * @spec RFC 3261 §25.1
 * @deviation takes `_` in host names, for names that container platforms give
 */
export function isHost(text: string): boolean {
  if (text.startsWith('[')) return text.endsWith(']') && isIpv6(text.slice(1, -1));
  if (text.length > longestName) return false;
  const last = text.charCodeAt(text.length - 1);
  return (isIn(last, octetClass.digit) && isIpv4(text)) || isHostName(text);
}

/** *( domainlabel "." ) toplabel [ "." ] in one pass; a label begins and ends with anything but a hyphen. */
function isHostName(text: string): boolean {
  const end = text.endsWith('.') ? text.length - 1 : text.length;
  let labelStart = 0;
  for (let at = 0; at < end; at++) {
    const octet = text.charCodeAt(at);
    if (octet === point) {
      if (!isLabel(text, labelStart, at)) return false;
      labelStart = at + 1;
    } else if (!isIn(octet, octetClass.host)) return false;
  }
  return isLabel(text, labelStart, end) && !isIn(text.charCodeAt(labelStart), octetClass.digit);
}

function isLabel(text: string, start: number, end: number): boolean {
  return end > start && text.charCodeAt(start) !== hyphen && text.charCodeAt(end - 1) !== hyphen;
}

/** Whether the text is four numbers from 0 to 255. */
export function isIpv4(text: string): boolean {
  if (text.length > longestIpv4) return false;
  let points = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const octet = text.charCodeAt(at);
    if (octet === point && digits > 0) {
      points++;
      digits = value = 0;
    } else {
      if (!isIn(octet, octetClass.digit)) return false;
      digits++;
      value = value * 10 + octet - zero;
      if (digits > 3 || value > 255) return false;
    }
  }
  return points === 3 && digits > 0;
}

/**
 * Whether the text is an IPv6 address without brackets.
 *
 * @spec RFC 3261 §25.1, corrected by RFC 5954 §4.1
 * @deviation takes the third colon before an IPv4 address that RFC 3261 allows by mistake (RFC 5118 §4.10)
 */
export function isIpv6(text: string): boolean {
  if (text.length > longestIpv6) return false;
  const halves = text.replace(thirdColon, '::').split('::', 3);
  if (halves.length > 2) return false;
  const [front = '', back] = halves;
  const before = groups(front, back === undefined);
  const after = back === undefined ? 0 : groups(back, true);
  if (before === -1 || after === -1) return false;
  return back === undefined ? before === 8 : before + after <= 7;
}

/** Sixteen-bit groups of a part, an IPv4 address at its end counting two; -1 when it is malformed. */
function groups(part: string, mayEndInIpv4: boolean): number {
  if (part === '') return 0;
  const pieces = part.split(':');
  const last = pieces.at(-1) ?? '';
  const ipv4 = mayEndInIpv4 && last.includes('.') && isIpv4(last);
  const hex = ipv4 ? pieces.slice(0, -1) : pieces;
  return hex.every((piece) => hexGroup.test(piece)) ? hex.length + (ipv4 ? 2 : 0) : -1;
}
