import { code, consistsOf, octetClass, skipWhile } from '../grammar/characters.ts';
import type { Parameters } from '../grammar/parameters.ts';
import {
  addParameter,
  failTwice,
  nextParameter,
  noParameters,
  scanOptionalValue,
  serialiseParameters,
} from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { isHost, isIpv4, isIpv6 } from '../uri/host.ts';
import { portBetween } from '../uri/plain-sip-uri.ts';
import { list } from './define.ts';

/** One hop that the request took, and how its response gets back. @spec RFC 3261 §20.42 */
export interface Via {
  readonly protocol: string;
  readonly version: string;
  /** As it is written; compare without regard to case. */
  readonly transport: string;
  readonly host: string;
  /** 0 to 65535. */
  readonly port?: number | undefined;
  readonly branch?: string | undefined;
  /** Address without brackets. @spec RFC 3261 §18.2.1, RFC 5118 §4.5 */
  readonly received?: string | undefined;
  /** True when asked for, the source port when answered. @spec RFC 3581 §3 */
  readonly rport?: number | true | undefined;
  /** 0 to 255. */
  readonly ttl?: number | undefined;
  readonly maddr?: string | undefined;
  /** All others. */
  readonly parameters: Parameters;
}

/** A Via that is being read. */
type Draft = { -readonly [K in keyof Via]: Via[K] };

function numberUpTo(s: Scanner, value: string | undefined, most: number, rule: string): number {
  if (value === undefined || !consistsOf(value, octetClass.digit) || Number(value) > most) {
    s.fail(rule, `expected a number up to ${most}`);
  }
  return Number(value);
}

function address(s: Scanner, value = ''): string {
  const bare = value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value;
  if (!isIpv4(bare) && !isIpv6(bare)) s.fail('via-received', 'expected an IP address');
  return bare;
}

/** Keeps a parameter that has a member of its own; false for any other. */
function takeKnown(s: Scanner, via: Draft, name: string): boolean {
  switch (name) {
    case 'branch':
      if (via.branch !== undefined) failTwice(s);
      via.branch = scanOptionalValue(s) ?? '';
      if (!consistsOf(via.branch, octetClass.token)) s.fail('via-branch', 'expected a token');
      return true;
    case 'rport': {
      if (via.rport !== undefined) failTwice(s);
      const port = scanOptionalValue(s);
      via.rport = port === undefined ? true : numberUpTo(s, port, 65_535, 'response-port');
      return true;
    }
    case 'received':
      if (via.received !== undefined) failTwice(s);
      via.received = address(s, scanOptionalValue(s));
      return true;
    case 'ttl':
      if (via.ttl !== undefined) failTwice(s);
      via.ttl = numberUpTo(s, scanOptionalValue(s), 255, 'via-ttl');
      return true;
    case 'maddr':
      if (via.maddr !== undefined) failTwice(s);
      via.maddr = scanOptionalValue(s) ?? '';
      if (!isHost(via.maddr)) s.fail('via-maddr', 'expected a host');
      return true;
    default:
      return false;
  }
}

function scanHost(s: Scanner): string {
  const close = s.peek() === 0x5b ? s.text.indexOf(']', s.at) : -1;
  let host: string;
  if (close === -1 || close >= s.end) host = s.run(octetClass.host, 'host');
  else {
    host = s.text.slice(s.at, close + 1);
    s.at = close + 1;
  }
  if (!isHost(host)) s.fail('sent-by', 'expected a host name or an address');
  return host;
}

/** A Via of which nothing but its sent-by is known. */
function bareVia(protocol: string, version: string, transport: string, host: string, port: number | undefined): Draft {
  return {
    protocol,
    version,
    transport,
    host,
    port,
    branch: undefined,
    received: undefined,
    rport: undefined,
    ttl: undefined,
    maddr: undefined,
    parameters: noParameters,
  };
}

function scanVia(s: Scanner): Via {
  const protocol = s.token('protocol-name');
  s.expectSeparator(code.slash, 'sent-protocol');
  const version = s.token('protocol-version');
  s.expectSeparator(code.slash, 'sent-protocol');
  const transport = s.token('transport');
  s.expectBlanks('via-parm');
  const host = scanHost(s);
  const port = s.separator(code.colon) ? s.number('port', 65_535) : undefined;
  const via = bareVia(protocol, version, transport, host, port);
  let others: Map<string, string | undefined> | undefined;
  for (let name = nextParameter(s); name !== undefined; name = nextParameter(s)) {
    if (!takeKnown(s, via, name)) others = addParameter(s, others, name);
  }
  if (others !== undefined) via.parameters = others;
  return via;
}

const sipVersion = 'SIP/2.0/';

/** `SIP/2.0/transport sent-by`, with branch, received and rport as they are mostly written. */
function plainVia(text: string, start: number, end: number): Via | undefined {
  const begin = skipWhile(text, start, octetClass.blank);
  if (!text.startsWith(sipVersion, begin)) return undefined;
  const space = skipWhile(text, begin + sipVersion.length, octetClass.token);
  const hostEnd = skipWhile(text, space + 1, octetClass.host);
  if (space === begin + sipVersion.length || text.charCodeAt(space) !== code.space) return undefined;
  const hasPort = text.charCodeAt(hostEnd) === code.colon;
  const sentByEnd = hasPort ? skipWhile(text, hostEnd + 1, octetClass.digit) : hostEnd;
  const port = hasPort ? portBetween(text, hostEnd + 1, sentByEnd) : undefined;
  const host = text.slice(space + 1, hostEnd);
  if (sentByEnd > end || port === -1 || !isHost(host)) return undefined;
  const via = bareVia('SIP', '2.0', text.slice(begin + sipVersion.length, space), host, port);
  for (let at = sentByEnd; at < end;) {
    at = text.charCodeAt(at) === code.semicolon ? takePlain(via, text, at + 1, end) : -1;
    if (at === -1) return undefined;
  }
  return via;
}

/** Keeps the parameter at `at`; gives where it ends, or -1 where the grammar has to look. */
function takePlain(via: Draft, text: string, at: number, end: number): number {
  const nameEnd = skipWhile(text, at, octetClass.token);
  const hasValue = text.charCodeAt(nameEnd) === code.equals;
  const valueEnd = hasValue ? skipWhile(text, nameEnd + 1, octetClass.token) : nameEnd;
  if (valueEnd > end) return -1;
  switch (nameEnd - at) {
    case 'rport'.length:
      return keepRport(via, text, at, nameEnd, valueEnd) ? valueEnd : -1;
    case 'branch'.length:
      if (via.branch !== undefined || valueEnd <= nameEnd + 1 || !text.startsWith('branch', at)) return -1;
      via.branch = text.slice(nameEnd + 1, valueEnd);
      return valueEnd;
    case 'received'.length: {
      const address = text.slice(nameEnd + 1, valueEnd);
      if (via.received !== undefined || !isIpv4(address) || !text.startsWith('received', at)) return -1;
      via.received = address;
      return valueEnd;
    }
    default:
      return -1;
  }
}

function keepRport(via: Draft, text: string, at: number, nameEnd: number, valueEnd: number): boolean {
  const port = valueEnd > nameEnd ? portBetween(text, nameEnd + 1, valueEnd) : true;
  if (via.rport !== undefined || port === -1 || !text.startsWith('rport', at)) return false;
  via.rport = port;
  return true;
}

/** Piece by piece: nearly every Via has nothing but branch, received and rport. */
function serialiseVia(via: Via): string {
  const { port, branch, received, rport, ttl, maddr, parameters } = via;
  let text = `${via.protocol}/${via.version}/${via.transport} ${via.host}`;
  if (port !== undefined) text += `:${port}`;
  if (branch !== undefined) text += `;branch=${branch}`;
  if (received !== undefined) text += `;received=${received}`;
  if (rport !== undefined) text += rport === true ? ';rport' : `;rport=${rport}`;
  if (ttl !== undefined) text += `;ttl=${ttl}`;
  if (maddr !== undefined) text += `;maddr=${maddr}`;
  return parameters.size === 0 ? text : text + serialiseParameters(parameters);
}

/** The way back. @spec RFC 3261 §20.42 */
export const via: HeaderDefinition<Via> = list({ name: 'Via', compact: 'v' }, scanVia, serialiseVia, plainVia);
