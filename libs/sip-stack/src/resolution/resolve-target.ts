import { err, ok, transportFailure } from '@parley/prelude';
import type { Random, Result, TransportFailure } from '@parley/prelude';
import type { TransportProtocol } from '../flow.ts';
import type { DnsPort, SrvRecord } from './dns-port.ts';
import { defaultPort } from './hop.ts';
import type { Hop, TargetUri } from './hop.ts';
import { numericHost } from './numeric-host.ts';
import { isSecure, protocolOfParameter, questionOf, questionsOfNaptr, questionsWithoutNaptr } from './services.ts';
import type { SrvQuestion } from './services.ts';
import { orderSrv } from './srv-order.ts';

/** What bounds and steers one resolution. */
export interface ResolveOptions {
  /** Protocols that can be sent over here; default all but WS and WSS, which only clients open. */
  readonly supported?: readonly TransportProtocol[];
  /** Most hops in the answer; default 16, since each costs a transaction's patience. */
  readonly maxHops?: number;
}

/** The run of one resolution: its inputs, and the first failure of the DNS on the way. */
interface Run {
  readonly uri: TargetUri;
  readonly dns: DnsPort;
  readonly random: Random;
  readonly supported: readonly TransportProtocol[];
  readonly maxHops: number;
  failure: TransportFailure | undefined;
}

interface Target {
  readonly protocol: TransportProtocol;
  readonly name: string;
  readonly port: number;
}

function recordsOf<Entry>(run: Run, outcome: Result<{ readonly records: readonly Entry[] }, TransportFailure>) {
  if (outcome.ok) return outcome.value.records;
  run.failure ??= outcome.error;
  return [];
}

function plainProtocol(uri: TargetUri): TransportProtocol {
  return uri.secure ? 'TLS' : 'UDP';
}

/** Hops of host names, each with all its addresses, in order. */
async function hopsOf(run: Run, targets: readonly Target[]): Promise<Hop[]> {
  const near = targets.slice(0, run.maxHops);
  const answers = await Promise.all(
    near.map(async ({ name }) => {
      const literal = numericHost(name);
      return literal === undefined ? recordsOf(run, await run.dns.addresses(name)) : [literal];
    }),
  );
  const serverName = run.uri.host;
  return near
    .flatMap(({ protocol, port }, i) => (answers[i] ?? []).map((address) => ({ protocol, address, port, serverName })))
    .slice(0, run.maxHops);
}

const available = (record: SrvRecord): boolean => record.target !== '' && record.target !== '.';

/** Targets of the SRV questions in their order; undefined when no name had SRV records at all. */
async function srvTargets(run: Run, questions: readonly SrvQuestion[]): Promise<Target[] | undefined> {
  const answers = await Promise.all(questions.map(async ({ name }) => recordsOf(run, await run.dns.srv(name))));
  if (answers.every((records) => records.length === 0)) return undefined;
  return answers.flatMap((records, i) => {
    const protocol = questions[i]?.protocol ?? plainProtocol(run.uri);
    return orderSrv(records.filter(available), run.random).map(({ target, port }) => ({
      protocol,
      name: target,
      port,
    }));
  });
}

async function questionsFor(run: Run): Promise<SrvQuestion[]> {
  const records = recordsOf(run, await run.dns.naptr(run.uri.host));
  const chosen = questionsOfNaptr(run.uri, records, run.supported);
  return chosen.length > 0 ? chosen : questionsWithoutNaptr(run.uri, run.supported);
}

/** The SRV question for a service of a domain that is reached by SIP; RFC 3861 leaves the transport open. @spec RFC 3861 §3, §4 */
function serviceQuestion(service: 'im' | 'pres', host: string): SrvQuestion {
  return { protocol: 'UDP', name: `_${service}._sip.${host}` };
}

/** Targets of a URI that is a name without a port. @spec RFC 3263 §4.1, §4.2 */
async function discoveredTargets(run: Run, demanded: TransportProtocol | undefined): Promise<Target[]> {
  const { host, service } = run.uri;
  const ofService = service && (await srvTargets(run, [serviceQuestion(service, host)]));
  if (ofService !== undefined) return ofService;
  const questions = demanded === undefined ? await questionsFor(run) : [questionOf(demanded, host)];
  const found = await srvTargets(run, questions);
  const protocol = demanded ?? plainProtocol(run.uri);
  return found ?? [{ protocol, name: host, port: defaultPort(protocol) }];
}

function refuse(message: string): Result<never, TransportFailure> {
  return err(transportFailure(message, false));
}

/**
 * Where to send a request for `uri`: every hop, in the order to try them.
 *
 * @returns at least one hop, or a failure that is retryable when a DNS server could not tell
 * @spec RFC 3263 §4, RFC 2782, RFC 7118 §5.3
 * @deviation RFC 3263 §4.1: after the hops of the best NAPTR record come those of the next, so that a domain whose
 * preferred protocol is down is still reached.
 */
export async function resolveTarget(
  uri: TargetUri,
  dns: DnsPort,
  random: Random,
  options: ResolveOptions = {},
): Promise<Result<readonly Hop[], TransportFailure>> {
  const { supported = ['UDP', 'TCP', 'TLS'], maxHops = 16 } = options;
  const demanded = protocolOfParameter(uri);
  if (uri.transport !== undefined && demanded === undefined)
    return refuse(`no transport ${uri.transport} for this URI`);
  const protocol = demanded ?? plainProtocol(uri);
  const run: Run = { uri, dns, random, supported, maxHops, failure: undefined };
  const certain = numericHost(uri.host) !== undefined || uri.port !== undefined;
  const targets = certain
    ? [{ protocol, name: uri.host, port: uri.port ?? defaultPort(protocol) }]
    : await discoveredTargets(run, demanded);
  const usable = targets.filter(
    (target) => supported.includes(target.protocol) && (!uri.secure || isSecure(target.protocol)),
  );
  if (usable.length === 0 && targets.length > 0) return refuse(`no transport in common with ${uri.host}`);
  const hops = await hopsOf(run, usable);
  return hops.length > 0 ? ok(hops) : err(run.failure ?? transportFailure(`no address for ${uri.host}`, false));
}
