import { createMemoryBus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { Health, Metrics, nodeBytes, parleySettings, systemClock, systemRandom } from '@parley/service';
import { createResponseTo, field, parseSipMessage, readRaw } from '@parley/sip';
import type { SipMessage, SipResponse } from '@parley/sip';
import { credentials, stampSource } from '@parley/sip-stack';
import { pino } from 'pino';
import { AccountBook } from '../src/accounts/account-book.ts';
import { nodeHash } from '../src/authentication/node-hash.ts';
import { buildEdgeCore } from '../src/edge-core.ts';
import type { EdgeCore } from '../src/edge-core.ts';
import { EdgeEvents } from '../src/events.ts';
import { BindingBook } from '../src/location/binding-book.ts';
import { DeviceBook } from '../src/location/device-book.ts';
import { ListBook } from '../src/lists/list-book.ts';
import { MailboxBook } from '../src/location/mailbox-book.ts';
import { Overload } from '../src/overload/overload.ts';
import { Telemetry } from '../src/telemetry.ts';
import { algorithmOf } from '@parley/sip-stack';
import { octetsOf, SimulatedFlow } from './simulated-flow.ts';

/*
 * Page mode in one process: request in, request out, response in, response out, from octets to octets, without sockets.
 * The baseline parses and writes the same four messages and does nothing else.
 */

const rounds = 4;
const perRound = 20_000;
const body = 'x'.repeat(100);

interface Bench {
  readonly core: EdgeCore;
  readonly caller: SimulatedFlow;
  readonly callee: SimulatedFlow;
  /** Responses that the caller got. */
  readonly answers: SipResponse[];
}

function parse(octets: Uint8Array): SipMessage {
  return unwrap(parseSipMessage(octets, { codec: nodeBytes }));
}

function arrive(core: EdgeCore, octets: Uint8Array, flow: SimulatedFlow): void {
  const message = parse(octets);
  core.observer.onMessage(message.kind === 'request' ? stampSource(message, flow.remote) : message, flow);
}

/** What a device does with a request: 200. Part of the baseline too. */
function deviceAnswer(message: SipMessage): Buffer | undefined {
  return message.kind === 'request' ? octetsOf(createResponseTo(message, 200, 'OK', { toTag: 'device' })) : undefined;
}

async function build(auth: 'none' | 'digest'): Promise<Bench> {
  const bus = createMemoryBus({ clock: systemClock });
  const settings = unwrap(parleySettings({ PARLEY_AUTH: auth, PARLEY_USERS: 'alice:secret,bob:secret' }));
  const accounts = new AccountBook(bus);
  const bindings = new BindingBook(bus, systemClock, 'bench');
  await Promise.all([accounts.filled, bindings.filled]);
  const logger = pino({ level: 'silent' });
  const unused = (): never => {
    throw new Error('not in this bench');
  };
  const core = buildEdgeCore({
    settings,
    instance: 'bench',
    logger,
    health: new Health(),
    metrics: new Metrics('edge'),
    clock: systemClock,
    random: systemRandom,
    bus,
    events: new EdgeEvents(logger),
    telemetry: new Telemetry(),
    accounts,
    bindings,
    devices: new DeviceBook(bus, systemClock, settings.offlineTtl * 1000, accounts),
    mailboxes: new MailboxBook(bus),
    overload: new Overload({ clock: systemClock, random: systemRandom, target: 0 }),
    lists: new ListBook(bus),
    secret: new Uint8Array(32),
    transports: {
      ports: { sip: 5060, sips: 5061, sipWs: 5066 },
      udp: { flowTo: unused },
      connector: { flowTo: unused, connect: unused },
    },
  });
  await core.accountsDesk.makeAbsent(settings.users ?? []);
  const answers: SipResponse[] = [];
  const keep = (_octets: Buffer, message: SipMessage): void => {
    if (message.kind === 'response' && message.statusCode >= 200) answers.push(message);
  };
  const caller = new SimulatedFlow('caller', 40_001, keep);
  const callee: SimulatedFlow = new SimulatedFlow('callee', 40_002, (_octets, message) => {
    const answer = deviceAnswer(message);
    if (answer === undefined) keep(_octets, message);
    else arrive(core, answer, callee);
  });
  const bench = { core, caller, callee, answers };
  await register(bench);
  return bench;
}

let serial = 0;

function request(method: string, uri: string, user: string, lines: readonly string[] = [], content = ''): string {
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:40001;rport;branch=z9hG4bK${++serial}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@localhost>;tag=t${serial}`,
    `To: <sip:${method === 'REGISTER' ? user : 'bob'}@localhost>`,
    `Call-ID: call${serial}@127.0.0.1`,
    `CSeq: ${serial} ${method}`,
    ...lines,
    ...(content === '' ? [] : ['Content-Type: text/plain']),
    `Content-Length: ${content.length}`,
    '',
    content,
  ].join('\r\n');
}

/** Credentials line for the challenge in a response. */
function proof(response: SipResponse, method: string, uri: string, user: string, count: number): string {
  const definition = response.statusCode === 401 ? field.wwwAuthenticate : field.proxyAuthenticate;
  const challenge = unwrap(definition.parse(readRaw(response, definition.name) ?? ''));
  const algorithm = algorithmOf('SHA-256', nodeHash);
  if (challenge.kind !== 'digest' || algorithm === undefined) throw new Error('expected a digest challenge');
  const nc = count.toString(16).padStart(8, '0');
  const login = { username: user, password: 'secret' };
  const value = credentials(challenge, login, algorithm, { method, requestUri: uri, nc, cnonce: 'bench' });
  const answer = response.statusCode === 401 ? field.authorization : field.proxyAuthorization;
  return `${answer.name}: ${answer.serialise(value)}`;
}

async function settled({ answers }: Bench): Promise<SipResponse> {
  for (let tries = 0; tries < 1000 && answers.length === 0; tries++)
    await new Promise((resolve) => setImmediate(resolve));
  const [answer] = answers.splice(0);
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

async function register(bench: Bench): Promise<void> {
  const contact = 'Contact: <sip:bob@127.0.0.1:40002;transport=tcp>';
  arrive(bench.core, Buffer.from(request('REGISTER', 'sip:localhost', 'bob', [contact])), bench.callee);
  const first = await settled(bench);
  if (first.statusCode === 200) return;
  const line = proof(first, 'REGISTER', 'sip:localhost', 'bob', 1);
  arrive(bench.core, Buffer.from(request('REGISTER', 'sip:localhost', 'bob', [contact, line])), bench.callee);
  const second = await settled(bench);
  if (second.statusCode !== 200) throw new Error(`REGISTER: ${second.statusCode}`);
}

/** Requests of one round, with credentials where the edge asks for them; made outside the time measured. */
async function prepare(bench: Bench): Promise<Buffer[]> {
  arrive(bench.core, Buffer.from(request('MESSAGE', 'sip:bob@localhost', 'alice', [], body)), bench.caller);
  const first = await settled(bench);
  return Array.from({ length: perRound }, (_, i) => {
    const lines = first.statusCode === 407 ? [proof(first, 'MESSAGE', 'sip:bob@localhost', 'alice', i + 1)] : [];
    return Buffer.from(request('MESSAGE', 'sip:bob@localhost', 'alice', lines, body));
  });
}

/** Microseconds of processor time of this process: on a shared machine the wall clock measures the others. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function perSecond(start: number): number {
  return perRound / ((processorTime() - start) / 1e6);
}

function runEdge({ core, caller, answers }: Bench, requests: readonly Buffer[]): number {
  const start = processorTime();
  for (const octets of requests) arrive(core, octets, caller);
  const rate = perSecond(start);
  const delivered = answers.splice(0).filter(({ statusCode }) => statusCode === 200).length;
  if (delivered !== requests.length) throw new Error(`${delivered} of ${requests.length} delivered`);
  return rate;
}

function runBaseline(requests: readonly Buffer[]): number {
  const start = processorTime();
  let written = 0;
  for (const octets of requests) {
    const message = parse(octets);
    written += octetsOf(message).length;
    const answer = deviceAnswer(message);
    if (answer !== undefined) written += octetsOf(parse(answer)).length;
  }
  if (written === 0) throw new Error('nothing was written');
  return perSecond(start);
}

for (const auth of ['none', 'digest'] as const) {
  const bench = await build(auth);
  let edge = 0;
  let baseline = 0;
  for (let round = 0; round < rounds; round++) {
    const requests = await prepare(bench);
    baseline = Math.max(baseline, runBaseline(requests));
    edge = Math.max(edge, runEdge(bench, requests));
  }
  const rate = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`.padStart(12);
  console.log(
    `page mode, ${auth.padEnd(6)}  ${rate(edge)}  baseline ${rate(baseline)}  ratio ${(edge / baseline).toFixed(2)}`,
  );
  bench.core[Symbol.dispose]();
}
