import { code, isIn, octetClass, skipWhile } from '../grammar/characters.ts';
import { noParameters } from '../grammar/parameters.ts';
import { isHost } from './host.ts';
import type { SipUri, UriHeader } from './uri.ts';

/** No headers; shared. */
export const noHeaders: readonly UriHeader[] = [];

const mostPort = 65_535;
/** Longer numbers, with zeros in front, are left to the grammar. */
const mostPortDigits = 5;
const zero = 0x30;

/**
 * Reads `sip:user@host` or `sip:user@host:port`, which is what most addresses are, in one pass. Undefined for any other
 * text, right or wrong: the whole grammar reads that.
 *
 * @spec RFC 3261 §25.1 (SIP-URI)
 */
export function plainSipUri(text: string, start: number, end: number): SipUri | undefined {
  if (!text.startsWith('sip:', start)) return undefined;
  const at = skipWhile(text, start + 4, octetClass.user);
  if (at === start + 4 || at >= end || text.charCodeAt(at) !== code.at) return undefined;
  const hostEnd = Math.min(end, skipWhile(text, at + 1, octetClass.host));
  const hasPort = hostEnd < end;
  if (hasPort && text.charCodeAt(hostEnd) !== code.colon) return undefined;
  const port = hasPort ? portBetween(text, hostEnd + 1, end) : undefined;
  const host = text.slice(at + 1, hostEnd);
  if (port === -1 || !isHost(host)) return undefined;
  const user = text.slice(start + 4, at);
  return {
    kind: 'sip',
    scheme: 'sip',
    user,
    password: undefined,
    host,
    port,
    parameters: noParameters,
    headers: noHeaders,
  };
}

/** The port, 0 to 65535, that is all there is between two offsets; -1 when it is none. */
export function portBetween(text: string, start: number, end: number): number {
  if (start === end || end - start > mostPortDigits) return -1;
  let port = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at);
    if (!isIn(digit, octetClass.digit)) return -1;
    port = port * 10 + digit - zero;
  }
  return port <= mostPort ? port : -1;
}
