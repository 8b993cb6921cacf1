import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';

/** What the crowd is asked to do, from its own process so that its cost is not the server's. */
export interface CrowdTask {
  readonly port: number;
  /** How the switch is reached; `tcp` when absent. */
  readonly wire?: 'tcp' | 'tls' | 'ws';
  /** What each recipient says first. */
  readonly greetings: readonly string[];
  /** What the sender says first. */
  readonly senderGreeting: string;
  /** One message, sent again and again. */
  readonly message: string;
  /** Messages in one write of the sender. */
  readonly burst: number;
  /** Messages that are not measured: code that has run a hundred times costs several times what it costs later. */
  readonly warmUp: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Milliseconds from one burst to the next; without it they follow each other as fast as they arrive. */
  readonly every?: number;
}

/** What it saw. */
export interface CrowdResult {
  readonly messages: number;
  readonly octets: number;
  readonly seconds: number;
}

function open(port: number, wire: CrowdTask['wire']): Duplex {
  const host = '127.0.0.1';
  if (wire === 'tls') return connectTls({ port, host, rejectUnauthorized: false });
  if (wire === 'ws') return createWebSocketStream(new WebSocket(`ws://${host}:${port}/`, 'msrp'));
  return connect({ port, host, noDelay: true });
}

function dial({ port, wire }: CrowdTask, greeting: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = open(port, wire);
    socket.write(greeting, 'latin1');
    // The answer to the greeting, of whatever kind.
    socket.once('data', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

async function run(task: CrowdTask): Promise<CrowdResult> {
  const sockets = await Promise.all(task.greetings.map((greeting) => dial(task, greeting)));
  const sender = await dial(task, task.senderGreeting);
  let octets = 0;
  let wakeAt = Infinity;
  let wake = (): void => {};
  for (const socket of sockets) {
    socket.on('data', (bytes: Buffer) => {
      octets += bytes.length;
      if (octets >= wakeAt) wake();
    });
  }
  const reach = (goal: number): Promise<void> =>
    octets >= goal
      ? Promise.resolve()
      : new Promise((resolve) => {
          [wakeAt, wake] = [goal, resolve];
        });
  // One message alone tells how many octets a delivery to everybody has.
  sender.write(task.message, 'latin1');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const round = octets;
  const burst = Buffer.from(task.message.repeat(task.burst), 'latin1');
  let sent = 1;
  const speak = async (): Promise<void> => {
    sender.write(burst);
    sent += task.burst;
    // Two bursts are on their way, so that nobody waits for anybody.
    await reach((sent - task.burst) * round);
  };
  while (sent < task.warmUp) await speak();
  await reach(sent * round);
  const before = { sent, octets };
  const start = performance.now();
  process.send?.({ kind: 'started' });
  for (let due = start; performance.now() - start < task.duration; due += task.every ?? 0) {
    if (task.every !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    await speak();
  }
  await reach(sent * round);
  const seconds = (performance.now() - start) / 1000;
  for (const socket of [...sockets, sender]) socket.destroy();
  return { messages: sent - before.sent, octets: octets - before.octets, seconds };
}

process.once('message', (task: CrowdTask) => {
  void run(task).then((result) => {
    process.send?.({ kind: 'done', result });
    process.disconnect();
  });
});
