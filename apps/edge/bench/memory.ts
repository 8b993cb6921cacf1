import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { forwardingOptions } from '@parley/service';
import { createSipFramer } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import { startInnerEdge } from './inner-edge.ts';

/*
 * What a user who is registered over TCP costs in memory: an edge in a process of its own, so many connections, a
 * REGISTER over each. `memory.ts 5000 off` for 5,000 of them over the sockets of Node. The bus is in memory too, so its copy of each binding counts.
 */

const [wanted = '5000', native = 'auto', role] = process.argv.slice(2);
const users = Number(wanted);
/** Connections that are being made at a time. */
const atOnce = 100;

/** Milliseconds after which the actors that a REGISTER woke are asleep again. */
const untilAsleep = 70_000;

/** Octets of a process, garbage aside. */
interface Footprint {
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

const nameOf = (i: number): string => `u${i}`;

async function serve(): Promise<void> {
  const edge = await startInnerEdge({
    PARLEY_AUTH: 'none',
    PARLEY_USERS: Array.from({ length: users }, (_, i) => `${nameOf(i)}:secret`).join(','),
    PARLEY_TRUSTED_HOSTS: '127.0.0.1',
    PARLEY_NATIVE_SOCKETS: native,
  });
  fillYoungGeneration();
  process.on('message', () => {
    for (let i = 0; i < 3; i++) globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.send?.({ rss, heap: heapUsed, external } satisfies Footprint);
  });
  process.send?.(edge.service.ports['sip']);
}

/** Its room is taken once, whatever the number of users, and not before it is needed. */
function fillYoungGeneration(): void {
  let kept: unknown[] = [];
  for (let i = 0; i < 100_000; i++) kept = [...kept.slice(-100), new Array(100).fill(i)];
  if (kept.length === 0) throw new Error('kept nothing');
}

async function measure(): Promise<void> {
  const child = fork(import.meta.filename, [wanted, native, 'edge'], {
    execArgv: ['--expose-gc', ...forwardingOptions, '--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  process.once('exit', () => child.kill());
  const [port] = (await once(child, 'message')) as [number];
  const look = async (): Promise<Footprint> => {
    child.send('look');
    const [footprint] = (await once(child, 'message')) as [Footprint];
    return footprint;
  };
  const before = await look();
  const sockets: Socket[] = [];
  for (let i = 0; i < users; i += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, users - i) }, (_, k) => register(port, nameOf(i + k)));
    sockets.push(...(await Promise.all(batch)));
  }
  await new Promise((resolve) => setTimeout(resolve, untilAsleep));
  const after = await look();
  const perUser = (part: keyof Footprint): string => `${((after[part] - before[part]) / users / 1024).toFixed(1)} KiB`;
  console.log(
    `${users} users over TCP, native sockets ${native}: resident ${perUser('rss')} each, of which heap ${perUser('heap')}, ` +
      `outside of it ${perUser('external')}; ${(before.rss / 2 ** 20).toFixed(0)} MiB before them`,
  );
  for (const socket of sockets) socket.destroy();
  child.disconnect();
  child.kill();
}

/** A connection over which the user is registered. */
async function register(port: number, user: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const local = `127.0.0.1:${socket.localPort ?? 0}`;
  const lines = [
    'REGISTER sip:localhost SIP/2.0',
    `Via: SIP/2.0/TCP ${local};rport;branch=z9hG4bK${user}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@localhost>;tag=t${user}`,
    `To: <sip:${user}@localhost>`,
    `Call-ID: ${user}@${local}`,
    'CSeq: 1 REGISTER',
    `Contact: <sip:${user}@${local};transport=tcp>;expires=3600`,
    'User-Agent: bench/1.0',
    'Content-Length: 0',
  ];
  const framer = createSipFramer();
  const answered = new Promise<SipMessage>((resolve) => {
    socket.on('data', (octets: Buffer) => {
      for (const event of framer.push(octets)) if (event.kind === 'message') resolve(event.message);
    });
  });
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const answer = await answered;
  if (answer.kind !== 'response' || answer.statusCode !== 200) {
    const status = answer.kind === 'response' ? `${answer.statusCode} ${answer.reasonPhrase}` : answer.method;
    throw new Error(`REGISTER of ${user}: ${status}`);
  }
  return socket;
}

await (role === 'edge' ? serve() : measure());
