import { readFileSync, readdirSync } from 'node:fs';

/** A process and everything below it. */
export function tree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = Number(stat(Number(pid))[1] ?? -1);
    children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const below = (pid: number): readonly number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

/** Clock ticks (10 ms on Linux) that the processes have spent so far. */
export function cpuTicks(pids: readonly number[]): number {
  return pids.map(stat).reduce((sum, fields) => sum + Number(fields[11] ?? 0) + Number(fields[12] ?? 0), 0);
}

/** Fields of /proc/PID/stat from the state on; empty once the process has ended. */
function stat(pid: number): readonly string[] {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
