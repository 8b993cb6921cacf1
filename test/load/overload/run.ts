import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventually, startChild } from '@parley/testing';
import { compiled } from '../compiled.ts';
import { pinned } from '../sip/generator.ts';
import { startEdge } from './server.ts';

/*
 * What of its best an edge still delivers at multiples of the load that it can take, by class, and what its care for
 * overload is worth. README.md tells how to read it.
 */

const { values } = parseArgs({
  options: {
    transport: { type: 'string', default: 'tcp' },
    senders: { type: 'string', default: '200' },
    receivers: { type: 'string', default: '200' },
    'under-way': { type: 'string', default: '1000' },
    times: { type: 'string', default: '1,2' },
    best: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '12' },
    warmup: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    native: { type: 'string', default: 'auto' },
    delay: { type: 'string', default: '200' },
    heeds: { type: 'string', default: '0' },
    quota: { type: 'string' },
    'no-pin': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

/** What became of the requests of a class. */
interface Counts {
  readonly offered: number;
  /** Not sent: their connection took nothing more, or the edge had asked for less. */
  readonly held: number;
  readonly good: number;
  readonly stored: number;
  readonly refused: number;
  readonly other: number;
}

/** What the generator says of a phase; rates are of a second. */
interface Phase {
  /** 0, a number of requests under way at a time. */
  readonly times: number;
  readonly seconds: number;
  readonly offered: number;
  readonly good: number;
  readonly serverCpu: number;
  readonly generatorCpu: number;
  /** Milliseconds that the generator was behind its schedule at most. */
  readonly lagMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly repeated: number;
  /** Requests that came to receivers, repetitions as well. */
  readonly delivered: number;
  readonly classes: Readonly<Record<string, Counts>>;
}

/** Microseconds: short, for an edge that does not get to run for long is overloaded. */
const quotaPeriod = 5_000;
const generator = fileURLToPath(new URL('generator.c', import.meta.url));

/**
 * Puts a process before all others of the machine, as long as it is not disposed of (cgroup v1).
 *
 * @param part - of a core that it gets at most; undefined, all
 */
async function preferred(pid: number, part?: number): Promise<AsyncDisposable> {
  const group = `/sys/fs/cgroup/cpu/parley-overload-${pid}`;
  const set = (name: string, value: number) => writeFile(`${group}/${name}`, String(value));
  await mkdir(group);
  await set('cpu.shares', 65_536);
  await set('cpu.cfs_period_us', quotaPeriod);
  if (part !== undefined) await set('cpu.cfs_quota_us', Math.round(quotaPeriod * part));
  await set('cgroup.procs', pid);
  return { [Symbol.asyncDispose]: () => eventually(() => rmdir(group), { within: 10_000, every: 200 }) };
}

/** One round with a server of its own. */
async function round(delay: string): Promise<readonly Phase[]> {
  const { transport, senders, receivers, heeds, quota, times, best, seconds, warmup, native } = values;
  const names = (side: string, count: string) => Array.from({ length: Number(count) }, (_, i) => `${side}${i}:x`);
  const settings = {
    PARLEY_USERS: [...names('s', senders), ...names('r', receivers)].join(','),
    PARLEY_OVERLOAD_DELAY: delay,
    PARLEY_NATIVE_SOCKETS: native,
  };
  await using stack = new AsyncDisposableStack();
  const edge = await startEdge(settings, values['no-pin'] ? undefined : '1');
  if (quota !== undefined) stack.use(await preferred(edge.pid, Number(quota)));
  stack.use(edge);
  const options = {
    server: `127.0.0.1:${edge.port}`,
    pid: edge.pid,
    ...{ transport, senders, receivers, heeds, times, best, seconds, warmup },
    'under-way': values['under-way'],
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const [command = '', ...args] = [...pinned(values['no-pin'] ? undefined : '0'), compiled(generator), ...words];
  const child = startChild(command, args);
  if (quota !== undefined) stack.use(await preferred(child.pid));
  stack.use(child);
  const { code } = await child.exited;
  if (code !== 0)
    throw new Error(`generator ended with ${String(code)}: ${child.stderr.slice(-500)}${edge.log().slice(-2000)}`);
  return child.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Phase);
}

/** The best of a round: that with the most for the processor time, for a server grows better until its code is compiled. */
function bestOf(phases: readonly Phase[]): Phase {
  const work = ({ good, serverCpu, seconds }: Phase) => (good * seconds) / serverCpu;
  const [best] = phases.filter(({ times }) => times === 0).toSorted((one, other) => work(other) - work(one));
  if (best === undefined) throw new Error('the generator measured nothing');
  return best;
}

/** Of the best, in messages a second and in messages for a second of the edge's processor. */
function parts(phase: Phase, best: Phase): { readonly rate: number; readonly work: number } {
  const rate = phase.good / best.good;
  return { rate, work: (rate * best.serverCpu * phase.seconds) / (phase.serverCpu * best.seconds) };
}

function show(phase: Phase, best: Phase): void {
  const perSecond = (count: number): string => `${Math.round(count).toLocaleString('en')}/s`.padStart(9);
  const { rate, work } = parts(phase, best);
  const sum = (of: 'held' | 'refused' | 'other'): number =>
    Object.values(phase.classes).reduce((all, counts) => all + counts[of], 0) / phase.seconds;
  console.log(
    `${(phase.times === 0 ? 'best' : `${phase.times} times`).padEnd(8)} offered ${perSecond(phase.offered)}  good ${perSecond(phase.good)}  ` +
      `503 ${perSecond(sum('refused'))}  held ${perSecond(sum('held'))}  other ${perSecond(sum('other'))}  again ${perSecond(phase.repeated)}  delivered ${perSecond(phase.delivered)}  ` +
      `p50 ${String(phase.p50Ms).padStart(5)} ms  p99 ${String(phase.p99Ms).padStart(5)} ms  ` +
      `cores ${(phase.serverCpu / phase.seconds).toFixed(2)} generator ${(phase.generatorCpu / phase.seconds).toFixed(2)} lag ${phase.lagMs.toFixed(0)} ms  ` +
      `of the best ${rate.toFixed(2)}, by processor time ${work.toFixed(2)}`,
  );
  const ofClass = ([name, { offered, good, stored, refused }]: readonly [string, Counts]): string =>
    `${name} ${((good + stored) / Math.max(1, offered)).toFixed(2)} (503 ${(refused / Math.max(1, offered)).toFixed(2)})`;
  if (phase.times > 0)
    console.log(`         good of what was offered: ${Object.entries(phase.classes).map(ofClass).join(', ')}`);
}

const median = (numbers: readonly number[]): string =>
  (numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0).toFixed(2);

if (values.quota !== undefined && !existsSync('/sys/fs/cgroup/cpu/cpu.shares'))
  throw new Error('--quota needs cgroup v1');
for (const delay of values.delay.split(',')) {
  const rounds: (readonly Phase[])[] = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    const phases = await round(delay);
    const best = bestOf(phases);
    for (const phase of phases) show(phase, best);
    rounds.push(phases);
  }
  for (const times of values.times.split(',').map(Number)) {
    const all = rounds.flatMap((phases) =>
      phases.filter((phase) => phase.times === times).map((phase) => parts(phase, bestOf(phases))),
    );
    console.log(
      `${values.transport}, ${values.senders} senders, delay ${delay}, ${times} times: median of the best ` +
        `${median(all.map(({ rate }) => rate))}, by processor time ${median(all.map(({ work }) => work))}`,
    );
  }
}
