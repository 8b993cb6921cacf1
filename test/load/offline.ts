// Store and forward under load: how fast messages for who is away are accepted (202), how fast they come when their devices
// register, and whether each came once. Beside it, what a bare NATS stores and gives back on the same machine at the same time.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectBus } from '@parley/bus';
import type { MessageStream } from '@parley/bus';
import { edge, mailboxSubject, streams } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { startNats } from '@parley/testing';
import type { Figures } from './sip/generator.ts';
import { generate } from './sip/generator.ts';
import { cpuTicks } from './sip/processes.ts';
import { domain, password, startParley } from './sip/servers.ts';

const usage = `node_modules/.bin/node test/load/offline.ts [options]
  --transport udp|tcp|both (both)    --auth digest|none (none)    --users N (200)  half of them send, to the other half
  --messages N (20000)  of each run  --repetitions N (2)          --body N (100)   octets`;

function options() {
  const { values } = parseArgs({
    options: {
      transport: { type: 'string', default: 'both' },
      auth: { type: 'string', default: 'none' },
      users: { type: 'string', default: '200' },
      messages: { type: 'string', default: '20000' },
      repetitions: { type: 'string', default: '2' },
      body: { type: 'string', default: '100' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

type Options = ReturnType<typeof options>;

/** Operations per second of `work`, so many at a time. */
async function rate(count: number, lanes: number, work: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count / (performance.now() - start)) * 1000;
}

/** What NATS alone does: a stored message of the same size for each, then each read in order. */
async function bare(count: number, accounts: number): Promise<{ readonly stored: number; readonly read: number }> {
  await using nats = await startNats();
  await using bus = unwrap(await connectBus({ url: nats.url, name: 'bench', clock: new SystemClock() }));
  const stream: MessageStream<edge.MailboxMessage> = bus.stream(streams.mailbox, edge.MailboxMessage);
  const request = Buffer.alloc(500, 'x');
  const message = {
    request,
    storedAt: 0,
    expiresAt: 0,
    notBefore: 0,
    devices: [],
    accountSince: 0,
    shared: false,
    others: [],
  };
  const stored = await rate(count, accounts, async (i) =>
    unwrap(await stream.append(mailboxSubject(`u${i % accounts}`), message, { messageId: String(i) })),
  );
  const from = new Array<number>(accounts).fill(1);
  const read = await rate(count, accounts, async (i) => {
    const at = i % accounts;
    const found = unwrap(await stream.next(mailboxSubject(`u${at}`), from[at] ?? 1));
    from[at] = (found?.sequence ?? 0) + 1;
  });
  return { stored, read };
}

async function sample(given: Options, transport: string): Promise<void> {
  const users = Number(given.users);
  const reference = await bare(Number(given.messages), users / 2);
  const directory = await mkdtemp(join(tmpdir(), 'parley-offline-'));
  await using parley = await startParley({ users, digest: given.auth === 'digest', cores: undefined });
  const common = {
    ...{
      server: `127.0.0.1:${parley.port}`,
      pids: parley.pids().join(','),
      domain,
      transport,
      users,
      body: given.body,
    },
    ...{ state: join(directory, 'state'), seconds: 120, warmup: 0 },
    ...(given.auth === 'digest' && { password }),
  };
  const before = cpuTicks(parley.pids());
  const taken = await generate({ ...common, mode: 'offline', messages: given.messages });
  const between = cpuTicks(parley.pids());
  const drained = await generate({ ...common, mode: 'drain' });
  const after = cpuTicks(parley.pids());
  await rm(directory, { recursive: true, force: true });
  console.log(row(transport, 'in', taken, reference.stored, (between - before) / taken.accepted202));
  console.log(row(transport, 'out', drained, reference.read, (after - between) / drained.delivered));
  if (taken.faults + drained.faults > 0) process.exitCode = 1;
}

const columns = 'tr   way   messages/s   of bare NATS  CPU µs each   lost  doubled  out of order   faults';

/** @param ticks - 10 ms of processor time for each message, all processes of Parley together */
function row(transport: string, way: string, f: Figures, reference: number, ticks: number): string {
  const cells: readonly (readonly [string | number, number])[] = [
    [way, 4],
    [f.messagesPerSecond.toFixed(0), 13],
    [(f.messagesPerSecond / reference).toFixed(2), 15],
    [(ticks * 10_000).toFixed(0), 13],
    [f.lost, 7],
    [f.duplicatesNewTransaction, 9],
    [f.outOfOrder, 14],
    [f.faults, 9],
  ];
  return `${transport}${cells.map(([cell, width]) => String(cell).padStart(width)).join('')}`;
}

const given = options();
// A signal ends the process by way of `exit`, where startChild takes its children along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (given.help) console.log(usage);
else {
  console.log(columns);
  for (const transport of given.transport === 'both' ? ['tcp', 'udp'] : [given.transport]) {
    for (let repetition = 0; repetition < Number(given.repetitions); repetition++) await sample(given, transport);
  }
}
