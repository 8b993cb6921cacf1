import { fork } from 'node:child_process';
import { House, room, uriOf } from '../tests/support/house.ts';
import { cpim } from '../tests/support/peer.ts';
import { startBareFanOut } from './bare-fan-out.ts';
import type { CrowdResult, CrowdTask } from './crowd.ts';

interface Measured extends CrowdResult {
  /** Processor seconds of this process, the server. */
  readonly cpu: number;
}

const duration = 3000;

/** Messages until a server is warm, so that a slow one is not measured in its first seconds only. */
const warmUp = (burst: number): number => (burst > 1 ? 6000 : 400);

/** Has a crowd in another process use the server in this one. */
function measure(task: CrowdTask): Promise<Measured> {
  const crowd = fork(new URL('crowd.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    let before = process.cpuUsage();
    crowd.once('error', reject);
    crowd.on('message', (message: { readonly kind: string; readonly result: CrowdResult }) => {
      if (message.kind === 'started') before = process.cpuUsage();
      else {
        const { user, system } = process.cpuUsage(before);
        resolve({ ...message.result, cpu: (user + system) / 1e6 });
      }
    });
    crowd.send(task);
  });
}

function say(text: string, toPath: string, fromPath: string): string {
  const body = cpim(uriOf('speaker'), room, text);
  return (
    `MSRP 0123456789abcdef SEND\r\nTo-Path: ${toPath}\r\nFrom-Path: ${fromPath}\r\nMessage-ID: bench-message\r\n` +
    `Byte-Range: 1-${body.length}/${body.length}\r\nFailure-Report: no\r\nContent-Type: message/cpim\r\n\r\n` +
    `${body}\r\n-------0123456789abcdef$\r\n`
  );
}

function bind(toPath: string, fromPath: string): string {
  return `MSRP bind567890abcdef SEND\r\nTo-Path: ${toPath}\r\nFrom-Path: ${fromPath}\r\nMessage-ID: bind-message\r\n-------bind567890abcdef$\r\n`;
}

/** What the focus says of those who come by other ways. */
const ways = {
  tcp: { port: 'msrp', terms: {} },
  tls: { port: 'msrps', terms: { scheme: 'msrps' } },
  ws: { port: 'msrpWs', terms: { transport: 'ws' } },
} as const;

interface Way {
  readonly wire?: keyof typeof ways;
  readonly native?: 'auto' | 'off';
  /** Milliseconds between messages. */
  readonly every?: number;
}

async function benchSwitch(
  people: number,
  text: string,
  burst: number,
  { wire = 'tcp', native = 'auto', every }: Way = {},
): Promise<Measured> {
  await using house = await House.open({ environment: { PARLEY_NATIVE_SOCKETS: native } });
  const { port, terms } = ways[wire];
  const offers = [];
  for (let i = 0; i < people; i++) offers.push(await house.offer(`listener${i}`, terms));
  const speaker = await house.offer('speaker', terms);
  return await measure({
    port: house.service.ports?.[port] ?? 0,
    wire,
    greetings: offers.map(({ toPath, fromPath }) => bind(toPath, fromPath)),
    senderGreeting: bind(speaker.toPath, speaker.fromPath),
    message: say(text, speaker.toPath, speaker.fromPath),
    burst,
    warmUp: warmUp(burst),
    duration,
    ...(every !== undefined && { every }),
  });
}

async function benchBare(
  people: number,
  text: string,
  burst: number,
  joined: boolean,
  every?: number,
): Promise<Measured> {
  const path = 'msrp://127.0.0.1:12345/0123456789abcdef0123456789;tcp';
  const message = say(text, path, path);
  using server = await startBareFanOut(joined ? undefined : message.length);
  const greetings = Array.from({ length: people }, () => 'R');
  return await measure({
    port: server.port,
    greetings,
    senderGreeting: 'S',
    message,
    burst,
    warmUp: warmUp(burst),
    duration,
    ...(every !== undefined && { every }),
  });
}

interface Contestant {
  readonly name: string;
  readonly run: () => Promise<Measured>;
}

/** Prints what each does; the last one is the measure. */
async function compareAll(title: string, people: number, contestants: readonly Contestant[]): Promise<void> {
  const results = [];
  for (const { name, run } of contestants) results.push({ name, ...(await run()) });
  const perCpu = ({ messages, cpu }: Measured): number => (messages * people) / cpu;
  const baseline = Math.max(...results.slice(-1).map(perCpu));
  console.log(title);
  for (const result of results) {
    const { name, messages, seconds, octets } = result;
    const wall = Math.round((messages * people) / seconds / 1000);
    const cpu = Math.round(perCpu(result) / 1000);
    const rate = Math.round(octets / seconds / 1e6);
    const ratio = (perCpu(result) / baseline).toFixed(2);
    console.log(
      `  ${name.padEnd(38)} ${String(cpu).padStart(6)} k deliveries/CPU s ${ratio.padStart(6)}x ${String(wall).padStart(6)} k/s ${String(rate).padStart(6)} MB/s`,
    );
  }
}

async function compare(title: string, people: number, text: string, burst: number): Promise<void> {
  await compareAll(title, people, [
    { name: 'msrp-switch', run: () => benchSwitch(people, text, burst) },
    { name: "msrp-switch, Node's sockets", run: () => benchSwitch(people, text, burst, { native: 'off' }) },
    { name: 'bare sockets, one write per message', run: () => benchBare(people, text, burst, false) },
    { name: 'bare sockets, one write per read', run: () => benchBare(people, text, burst, true) },
  ]);
}

async function compareWays(title: string, people: number, text: string, burst: number): Promise<void> {
  await compareAll(title, people, [
    { name: 'WebSocket', run: () => benchSwitch(people, text, burst, { wire: 'ws' }) },
    { name: 'TLS', run: () => benchSwitch(people, text, burst, { wire: 'tls' }) },
    { name: 'TCP', run: () => benchSwitch(people, text, burst) },
  ]);
}

/** What a room costs that is far from what the switch can do: every delivery is a write of its own. */
async function comparePaced(title: string, people: number, text: string, every: number): Promise<void> {
  await compareAll(title, people, [
    { name: 'msrp-switch', run: () => benchSwitch(people, text, 1, { every }) },
    { name: "msrp-switch, Node's sockets", run: () => benchSwitch(people, text, 1, { every, native: 'off' }) },
    { name: 'TLS', run: () => benchSwitch(people, text, 1, { every, wire: 'tls' }) },
    { name: 'WebSocket', run: () => benchSwitch(people, text, 1, { every, wire: 'ws' }) },
    { name: 'bare sockets', run: () => benchBare(people, text, 1, false, every) },
  ]);
}

const titles = process.argv.slice(2);

/** Whether a comparison is asked for: those whose titles have a word of the command line in them, or all. */
async function consider(title: string, run: (title: string) => Promise<void>): Promise<void> {
  if (titles.length === 0 || titles.some((word) => title.includes(word))) await run(title);
}

const short = 'x'.repeat(200);
const long = 'x'.repeat(32_768);
await consider('1 x 100, 200 octets, packed', (title) => compare(title, 100, short, 128));
await consider('1 x 100, 200 octets, one by one', (title) => compare(title, 100, short, 1));
await consider('1 x 100, 200 octets, 200 a second', (title) => comparePaced(title, 100, short, 5));
await consider('1 x 1000, 200 octets, packed', (title) => compare(title, 1000, short, 32));
await consider('1 x 100, 32 KiB', (title) => compare(title, 100, long, 4));
await consider('packed, by the way to the switch', (title) =>
  compareWays(`1 x 100, 200 octets, ${title}`, 100, short, 128),
);
await consider('one by one, by the way to the switch', (title) =>
  compareWays(`1 x 100, 200 octets, ${title}`, 100, short, 1),
);
