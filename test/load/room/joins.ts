// What a join and a member cost, process by process. README.md tells how to read it.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { domain, password, startParley } from '../sip/servers.ts';
import type { RoomFigures } from './generator.ts';
import { generateRoom } from './generator.ts';

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '100x10,20x50,1x1000' },
    rounds: { type: 'string', default: '3' },
    'no-pin': { type: 'boolean', default: false },
  },
});

/** Name of the app whose script a process runs; of any other its program. */
function nameOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return /apps\/([\w-]+)\/src/.exec(words.join(' '))?.[1] ?? words[0]?.split('/').at(-1) ?? '';
  } catch {
    return '';
  }
}

function line(what: string, cells: readonly (readonly [cpu: number, memory: number])[]): string {
  return `| ${[what, ...cells.map(([cpu, memory]) => `${cpu.toFixed(2)} / ${memory.toFixed(0)}`)].join(' | ')} |`;
}

function print(cell: string, rounds: readonly RoomFigures[]): void {
  console.log(
    line(
      `${cell}, all`,
      rounds.map((f) => [f.joinServerCpuMs, f.kbPerMember]),
    ),
  );
  for (const { pid } of rounds[0]?.processes ?? []) {
    const own = rounds.map(({ processes }) => processes.find((one) => one.pid === pid));
    const figures = own.map((one) => [one?.cpuMsPerJoin ?? 0, one?.kbPerMember ?? 0] as const);
    if (figures.some(([cpu]) => cpu >= 0.01)) console.log(line(nameOfPid.get(pid) ?? String(pid), figures));
  }
}

const nameOfPid = new Map<number, string>();

async function measure(cell: string, pin: boolean): Promise<void> {
  const [rooms = 1, members = 10] = cell.split('x').map(Number);
  await using parley = await startParley({ users: rooms * members, digest: true, cores: pin ? '1' : undefined });
  for (const pid of parley.pids()) nameOfPid.set(pid, nameOf(pid));
  const figures: RoomFigures[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const load = { rooms, members, senders: 1, answered: 'no', seconds: 0, prefix: `round${round}x` };
    const server = { protocol: 'msrp', port: parley.port, domain, password, pids: parley.pids().join(',') };
    figures.push(await generateRoom({ ...server, ...load }, pin ? '0' : undefined));
  }
  print(cell, figures);
  for (const { failure } of figures) if (failure !== '') console.log(failure);
  if (figures.some(({ faults }) => faults > 0)) process.exitCode = 1;
}

// A signal ends the process by way of `exit`, where startChild takes its children along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const rounds = Array.from({ length: Number(values.rounds) }, (_, round) => `round ${round + 1}`);
console.log(`| rooms × members: CPU ms per join / kB per member | ${rounds.join(' | ')} |`);
console.log(`| --- | ${rounds.map(() => '---').join(' | ')} |`);
for (const cell of values.cells.split(',')) await measure(cell, !values['no-pin']);
