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

async function benchSwitch(
  people: number,
  text: string,
  burst: number,
  wire: keyof typeof ways = 'tcp',
): Promise<Measured> {
  await using house = await House.open();
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
    duration,
  });
}

async function benchBare(people: number, text: string, burst: number, joined: boolean): Promise<Measured> {
  const path = 'msrp://127.0.0.1:12345/0123456789abcdef0123456789;tcp';
  const message = say(text, path, path);
  using server = await startBareFanOut(joined ? undefined : message.length);
  const greetings = Array.from({ length: people }, () => 'R');
  return await measure({ port: server.port, greetings, senderGreeting: 'S', message, burst, duration });
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
    { name: 'bare sockets, one write per message', run: () => benchBare(people, text, burst, false) },
    { name: 'bare sockets, one write per read', run: () => benchBare(people, text, burst, true) },
  ]);
}

async function compareWays(title: string, people: number, text: string, burst: number): Promise<void> {
  await compareAll(title, people, [
    { name: 'WebSocket', run: () => benchSwitch(people, text, burst, 'ws') },
    { name: 'TLS', run: () => benchSwitch(people, text, burst, 'tls') },
    { name: 'TCP', run: () => benchSwitch(people, text, burst) },
  ]);
}

await compare('1 x 100, 200 octets, packed', 100, 'x'.repeat(200), 128);
await compare('1 x 100, 200 octets, one by one', 100, 'x'.repeat(200), 1);
await compare('1 x 1000, 200 octets, packed', 1000, 'x'.repeat(200), 32);
await compare('1 x 100, 32 KiB', 100, 'x'.repeat(32_768), 4);
await compareWays('1 x 100, 200 octets, packed, by the way to the switch', 100, 'x'.repeat(200), 128);
await compareWays('1 x 100, 200 octets, one by one, by the way to the switch', 100, 'x'.repeat(200), 1);
