import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import { stampSource } from '@parley/sip-stack';
import { startInnerEdge } from './inner-edge.ts';
import type { InnerEdge } from './inner-edge.ts';
import { octetsOf, SimulatedFlow } from './simulated-flow.ts';

/*
 * REGISTER in one process, from octets to octets, without sockets and with a bus in memory. The baseline parses the same
 * request and writes the same answer, and does nothing else.
 */

const rounds = Number(process.argv[2] ?? 4);
const perRound = 5_000;
const users = ['alice', 'bob'];

/** What the devices of one case send. */
interface Case {
  readonly name: string;
  readonly contact: string;
  readonly fields: readonly string[];
}

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';
const cases: readonly Case[] = [
  { name: 'plain', contact: '', fields: [] },
  { name: 'outbound', contact: `;${instance};reg-id=1`, fields: ['Supported: path, outbound'] },
  { name: 'with GRUUs', contact: `;${instance};reg-id=1`, fields: ['Supported: path, outbound, gruu'] },
];

let serial = 0;

function request(user: string, { contact, fields }: Case): Buffer {
  serial++;
  const lines = [
    'REGISTER sip:localhost SIP/2.0',
    `Via: SIP/2.0/TCP 127.0.0.1:40001;branch=z9hG4bK${serial};rport`,
    'Max-Forwards: 70',
    `From: <sip:${user}@localhost>;tag=${serial}`,
    `To: <sip:${user}@localhost>`,
    `Call-ID: ${user}@127.0.0.1`,
    `CSeq: ${serial} REGISTER`,
    `Contact: <sip:${user}@127.0.0.1:40001;transport=tcp>${contact};expires=600`,
    ...fields,
    'Content-Length: 0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

function parse(octets: Uint8Array): SipMessage {
  return unwrap(parseSipMessage(octets, { codec: nodeBytes }));
}

/** Microseconds of processor time of this process: on a shared machine the wall clock measures the others. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function perSecond(start: number): number {
  return perRound / ((processorTime() - start) / 1e6);
}

async function runEdge(
  { service: { core } }: InnerEdge,
  requests: readonly Buffer[],
): Promise<readonly [number, Buffer]> {
  let answered = 0;
  let last: Buffer = Buffer.alloc(0);
  const flow = new SimulatedFlow('device', 40_001, (octets, message) => {
    if (message.kind === 'response' && message.statusCode === 200) answered++;
    last = octets;
  });
  const start = processorTime();
  for (const [i, octets] of requests.entries()) {
    const message = parse(octets);
    core.observer.onMessage(message.kind === 'request' ? stampSource(message, flow.remote) : message, flow);
    if (i % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  while (answered < requests.length) await new Promise((resolve) => setImmediate(resolve));
  return [perSecond(start), last];
}

function runBaseline(requests: readonly Buffer[], answer: Buffer): number {
  const start = processorTime();
  let written = 0;
  for (const octets of requests) written += octetsOf(parse(octets)).length + octetsOf(parse(answer)).length;
  if (written === 0) throw new Error('nothing was written');
  return perSecond(start);
}

for (const one of cases) {
  const edge = await startInnerEdge({ PARLEY_AUTH: 'none' });
  let [registrar, baseline] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const requests = Array.from({ length: perRound }, (_, i) => request(users[i % users.length] ?? '', one));
    const [rate, answer] = await runEdge(edge, requests);
    registrar = Math.max(registrar, rate);
    baseline = Math.max(baseline, runBaseline(requests, answer));
  }
  const rate = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`.padStart(12);
  console.log(
    `REGISTER, ${one.name.padEnd(10)}  ${rate(registrar)}  ${(1e6 / registrar).toFixed(1)} µs  ` +
      `baseline ${rate(baseline)}  ratio ${(registrar / baseline).toFixed(2)}`,
  );
  await edge[Symbol.asyncDispose]();
}
