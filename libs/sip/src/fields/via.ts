import { octetClass } from '../grammar/characters.ts';
import type { Parameters } from '../grammar/parameters.ts';
import { noParameters, scanParameters, serialiseParameters } from '../grammar/parameters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { isHost, isIpv4, isIpv6 } from '../uri/host.ts';
import { list } from './define.ts';
import type { Untaken } from './take.ts';
import { parameter, takeNumber, takeToken } from './take.ts';

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

function takeReceived(s: Scanner, parameters: Untaken): string | undefined {
  if (!parameters.has('received')) return undefined;
  const text = parameters.get('received') ?? '';
  parameters.delete('received');
  const address = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!isIpv4(address) && !isIpv6(address)) s.fail('via-received', 'expected an IP address');
  return address;
}

function takeRport(s: Scanner, parameters: Untaken): number | true | undefined {
  if (!parameters.has('rport')) return undefined;
  if (parameters.get('rport') !== undefined) return takeNumber(s, parameters, 'rport', 65_536);
  parameters.delete('rport');
  return true;
}

function takeMaddr(s: Scanner, parameters: Untaken): string | undefined {
  if (!parameters.has('maddr')) return undefined;
  const host = parameters.get('maddr') ?? '';
  parameters.delete('maddr');
  if (!isHost(host)) s.fail('via-maddr', 'expected a host');
  return host;
}

function scanSentBy(s: Scanner): Pick<Via, 'host' | 'port'> {
  const host = s.peek() === 0x5b ? s.run(octetClass.value, 'host') : s.run(octetClass.host, 'host');
  const bracket = host.lastIndexOf(']');
  if (bracket !== -1 && bracket + 1 < host.length) s.at -= host.length - bracket - 1;
  const name = bracket === -1 ? host : host.slice(0, bracket + 1);
  if (!isHost(name)) s.fail('sent-by', 'expected a host name or an address');
  return s.separator(':') ? { host: name, port: s.number('port', 65_535) } : { host: name };
}

function scanVia(s: Scanner): Via {
  const protocol = s.token('protocol-name');
  s.expectSeparator('/', 'sent-protocol');
  const version = s.token('protocol-version');
  s.expectSeparator('/', 'sent-protocol');
  const transport = s.token('transport');
  s.expectBlanks('via-parm');
  const sentBy = scanSentBy(s);
  const parameters = scanParameters(s);
  const branch = takeToken(s, parameters, 'branch');
  const received = takeReceived(s, parameters);
  const rport = takeRport(s, parameters);
  const ttl = takeNumber(s, parameters, 'ttl', 256);
  const maddr = takeMaddr(s, parameters);
  if (rport === 65_536 || ttl === 256) s.fail('via-params', 'expected rport up to 65535 and ttl up to 255');
  return {
    protocol,
    version,
    transport,
    ...sentBy,
    ...(branch === undefined ? {} : { branch }),
    ...(received === undefined ? {} : { received }),
    ...(rport === undefined ? {} : { rport }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(maddr === undefined ? {} : { maddr }),
    parameters: parameters.size === 0 ? noParameters : parameters,
  };
}

function serialiseVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  const rport = via.rport === true ? ';rport' : parameter('rport', via.rport);
  return (
    `${via.protocol}/${via.version}/${via.transport} ${via.host}${port}` +
    parameter('branch', via.branch) +
    parameter('received', via.received) +
    rport +
    parameter('ttl', via.ttl) +
    parameter('maddr', via.maddr) +
    serialiseParameters(via.parameters)
  );
}

/** The way back. @spec RFC 3261 §20.42 */
export const via: HeaderDefinition<Via> = list({ name: 'Via', compact: 'v' }, scanVia, serialiseVia);
