import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { field, parseSipMessage, readRaw } from '@parley/sip';
import type { SipMessage, SipResponse } from '@parley/sip';
import { algorithmOf, credentials, stampSource } from '@parley/sip-stack';
import { nodeDigestHash } from '@parley/sip-stack/node';
import type { EdgeCore } from '../src/edge-core.ts';
import { underEdgeOptions } from './edge-options.ts';
import { startInnerEdge } from './inner-edge.ts';
import type { InnerEdge } from './inner-edge.ts';
import { octetsOf, SimulatedFlow } from './simulated-flow.ts';

/*
 * Page mode in one process: request in, request out, response in, response out, from octets to octets, without sockets.
 * The baseline parses and writes the same four messages and does nothing else.
 */

const rounds = Number(process.argv[3] ?? 4);
const perRound = 20_000;
/** Messages on their way at a time: devices answer when so many have come. */
const underWay = 50;
const body = 'x'.repeat(100);

interface Bench {
  readonly edge: InnerEdge;
  readonly core: EdgeCore;
  readonly caller: SimulatedFlow;
  readonly callee: SimulatedFlow;
  readonly got: Answers;
  /** Messages that came to the device and wait for its answer. */
  readonly unanswered: Buffer[];
}

/** Final responses that a device got: how many, and the last. Kept all, they would be the collector's chief work. */
interface Answers {
  count: number;
  accepted: number;
  last: SipResponse | undefined;
}

function parse(octets: Uint8Array): SipMessage {
  return unwrap(parseSipMessage(octets, { codec: nodeBytes }));
}

function arrive(core: EdgeCore, octets: Uint8Array, flow: SimulatedFlow): void {
  const message = parse(octets);
  core.observer.onMessage(message.kind === 'request' ? stampSource(message, flow.remote) : message, flow);
}

/** What a device does with a request: 200, in as little time as it takes. Part of the baseline too. */
function deviceAnswer(octets: Buffer): Buffer {
  const head = octets.toString(
    'latin1',
    octets.indexOf('\r\n'),
    octets.indexOf('\r\n', octets.indexOf('\r\nCSeq: ') + 2),
  );
  return Buffer.from(`SIP/2.0 200 OK${head}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
}

async function build(auth: 'none' | 'digest'): Promise<Bench> {
  const edge = await startInnerEdge({ PARLEY_AUTH: auth });
  const { core } = edge.service;
  const got: Answers = { count: 0, accepted: 0, last: undefined };
  const keep = (_octets: Buffer, message: SipMessage): void => {
    if (message.kind !== 'response' || message.statusCode < 200) return;
    got.count++;
    if (message.statusCode === 200) got.accepted++;
    got.last = message;
  };
  const caller = new SimulatedFlow('caller', 40_001, keep);
  const unanswered: Buffer[] = [];
  const callee = new SimulatedFlow('callee', 40_002, (octets, message) => {
    if (message.kind === 'response') keep(octets, message);
    else unanswered.push(octets);
  });
  const bench = { edge, core, caller, callee, got, unanswered };
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
  const algorithm = algorithmOf('SHA-256', nodeDigestHash);
  if (challenge.kind !== 'digest' || algorithm === undefined) throw new Error('expected a digest challenge');
  const nc = count.toString(16).padStart(8, '0');
  const login = { username: user, password: 'secret' };
  const value = credentials(challenge, login, algorithm, { method, requestUri: uri, nc, cnonce: 'bench' });
  const answer = response.statusCode === 401 ? field.authorization : field.proxyAuthorization;
  return `${answer.name}: ${answer.serialise(value)}`;
}

/** The device answers all that came. */
function answerAll({ core, callee, unanswered }: Bench): void {
  for (const octets of unanswered) arrive(core, deviceAnswer(octets), callee);
  unanswered.length = 0;
}

async function settled({ got }: Bench): Promise<SipResponse> {
  for (let tries = 0; tries < 1000 && got.last === undefined; tries++)
    await new Promise((resolve) => setImmediate(resolve));
  const { last } = got;
  got.last = undefined;
  if (last === undefined) throw new Error('no answer');
  return last;
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
  answerAll(bench);
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

function runEdge(bench: Bench, requests: readonly Buffer[]): number {
  const { core, caller, got, unanswered } = bench;
  const before = got.accepted;
  const start = processorTime();
  for (const octets of requests) {
    arrive(core, octets, caller);
    if (unanswered.length === underWay) answerAll(bench);
  }
  const rate = perSecond(start);
  const delivered = got.accepted - before;
  if (delivered !== requests.length) throw new Error(`${delivered} of ${requests.length} delivered`);
  got.last = undefined;
  return rate;
}

function runBaseline(requests: readonly Buffer[]): number {
  const start = processorTime();
  let written = 0;
  for (const octets of requests) {
    const forwarded = octetsOf(parse(octets));
    written += forwarded.length + octetsOf(parse(deviceAnswer(forwarded))).length;
  }
  if (written === 0) throw new Error('nothing was written');
  return perSecond(start);
}

underEdgeOptions();
const only = process.argv[2];
for (const auth of ['none', 'digest'] as const) {
  if (only !== undefined && only !== auth) continue;
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
    `page mode, ${auth.padEnd(6)}  ${rate(edge)}  ${(1e6 / edge).toFixed(1)} µs  ` +
      `baseline ${rate(baseline)}  ratio ${(edge / baseline).toFixed(2)}`,
  );
  await bench.edge[Symbol.asyncDispose]();
}
