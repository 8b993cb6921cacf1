// A long time at half load: whether an edge grows, and what a registered user costs it. README.md tells how to read it.
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { censusSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { startEdge } from '../overload/server.ts';
import type { EdgeServer } from '../overload/server.ts';
import { generate } from '../sip/generator.ts';
import type { Figures } from '../sip/generator.ts';
import { cpuTicks } from '../sip/processes.ts';
import type { Minute } from './trend.ts';
import { verdictOn } from './trend.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    users: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '8000' },
    transport: { type: 'string', default: 'tcp' },
    'no-pin': { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const users = Number(values.users);
const pin = !values['no-pin'] && availableParallelism() > 1;
const mebi = 2 ** 20;
/** Milliseconds between two looks. */
const period = 5_000;
/** What fills the young generation, and has the compiler do its work, before memory is first looked at. */
const priming = { users: 200, rate: 0, seconds: 20, warmup: 10 };

type Look = Omit<Minute, 'at' | 'cpu'>;

interface Metric {
  readonly name: string;
  readonly values: readonly { readonly value: number }[];
}

/** What the edge says of itself. */
async function look(bus: Bus): Promise<Look> {
  const [edge] = unwrap(
    await bus.gather(censusSubject, rpc.census, { withMetrics: true }, { within: 2_000, enough: 1 }),
  );
  const metrics = JSON.parse(Buffer.from(edge?.metrics ?? []).toString()) as readonly Metric[];
  const sum = (name: string): number =>
    metrics.find((metric) => metric.name === `parley_${name}`)?.values.reduce((all, { value }) => all + value, 0) ??
    NaN;
  return {
    rss: sum('process_resident_memory_bytes'),
    heap: sum('nodejs_heap_size_used_bytes'),
    transactions: sum('sip_transactions'),
  };
}

/** The lowest of what is seen until `until`, or until it is over. */
async function lowest(bus: Bus, until: number, isOver: () => boolean): Promise<Look> {
  let least = await look(bus);
  while (performance.now() < until && !isOver()) {
    await pause(period);
    const { rss, heap, transactions } = await look(bus);
    least = {
      rss: Math.min(rss, least.rss),
      heap: Math.min(heap, least.heap),
      transactions: Math.min(transactions, least.transactions),
    };
  }
  return least;
}

function load(edge: EdgeServer, what: typeof priming): Promise<Figures> {
  const target = { server: `127.0.0.1:${edge.port}`, pids: edge.pid, domain: 'localhost', transport: values.transport };
  return generate({ ...target, ...what }, pin ? '0' : undefined);
}

/** Looks each minute until the load has ended. */
async function watch(bus: Bus, pid: number, isOver: () => boolean): Promise<readonly Minute[]> {
  const seen: Minute[] = [];
  for (let at = 1; at <= minutes && !isOver(); at++) {
    const before = cpuTicks([pid]);
    const least = await lowest(bus, performance.now() + 60_000 - period, isOver);
    const minute = { at, ...least, cpu: (cpuTicks([pid]) - before) / 100 };
    if (!isOver()) seen.push(minute);
    console.log(
      `${String(at).padStart(3)} min  resident ${(least.rss / mebi).toFixed(1)} MiB  heap ${(least.heap / mebi).toFixed(1)} MiB  ` +
        `transactions ${least.transactions}  processor ${minute.cpu.toFixed(1)} s`,
    );
  }
  return seen;
}

function conclude(before: Look, seen: readonly Minute[], { ok200, faults, lost, statuses }: Figures): void {
  const { rss, heap, transactions, isFlat } = verdictOn(seen);
  const last = seen.at(-1);
  if (last !== undefined)
    console.log(
      `${users} users: resident ${((last.rss - before.rss) / users / 1024).toFixed(1)} KiB each, ` +
        `of which heap ${((last.heap - before.heap) / users / 1024).toFixed(1)} KiB`,
    );
  console.log(
    `in an hour: resident ${(rss / mebi).toFixed(1)} MiB, heap ${(heap / mebi).toFixed(1)} MiB, transactions ${transactions.toFixed(0)}`,
  );
  console.log(
    `${ok200} messages delivered, ${lost} lost, ${faults} faults, final responses ${JSON.stringify(statuses)}`,
  );
  console.log(isFlat ? 'flat: it does not grow' : 'IT GROWS by more than a twentieth in an hour');
  if (!isFlat || faults > 0) process.exitCode = 1;
}

// A signal ends the process by way of `exit`, where startChild takes its children along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const settings = {
  PARLEY_USERS: Array.from({ length: Math.max(users, priming.users) }, (_, i) => `u${i}:secret`).join(','),
};
await using edge = await startEdge(settings, pin ? '1' : undefined);
await using bus = unwrap(await connectBus({ url: edge.natsUrl, name: 'soak', clock: new SystemClock() }));
await load(edge, priming);
const before = await lowest(bus, performance.now() + 30_000, () => false);
console.log(
  `without users: resident ${(before.rss / mebi).toFixed(1)} MiB, heap ${(before.heap / mebi).toFixed(1)} MiB`,
);
let isOver = false;
const figures = load(edge, { users, rate: Number(values.rate), seconds: minutes * 60, warmup: 5 }).finally(() => {
  isOver = true;
});
const [seen, result] = await Promise.all([watch(bus, edge.pid, () => isOver), figures]);
conclude(before, seen, result);
