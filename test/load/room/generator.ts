import { fileURLToPath } from 'node:url';
import { startChild } from '@parley/testing';
import { compiled } from '../compiled.ts';
import { pinned } from '../sip/generator.ts';

/** What one run of the generator counted and timed; README.md explains each. */
export interface RoomFigures {
  readonly joined: number;
  readonly joinsPerSecond: number;
  readonly joinServerCpuMs: number;
  readonly kbPerMember: number;
  readonly serverMb: number;
  /** The same for each process of the server. */
  readonly processes: readonly { readonly pid: number; readonly cpuMsPerJoin: number; readonly kbPerMember: number }[];
  readonly sent: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  readonly gaps: number;
  readonly unanswered: number;
  readonly deliveriesPerSecond: number;
  readonly deliveriesPerCpuSecond: number;
  readonly cpuSecondsPerMillion: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCores: number;
  readonly generatorCores: number;
  /** Cores that neither the server nor the generator used: the neighbours. */
  readonly otherCores: number;
  /** 0, or something was lost, doubled, out of order, damaged, refused, unanswered or closed. */
  readonly faults: number;
  /** What went wrong first; empty: nothing. */
  readonly failure: string;
}

/** Options of the generator without their dashes. */
export type RoomLoad = Readonly<Record<string, string | number>>;

const source = fileURLToPath(new URL('generator.c', import.meta.url));

/**
 * Runs the generator once.
 *
 * @param cores - list for taskset; undefined, any
 * @throws Error when it could not measure; faults of the server are in the figures
 */
export async function generateRoom(load: RoomLoad, cores?: string): Promise<RoomFigures> {
  const words = Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const [command = '', ...args] = [...pinned(cores), compiled(source), ...words];
  await using child = startChild(command, args);
  const { code, signal } = await child.exited;
  if (code === 0 || code === 1) return JSON.parse(child.stdout) as RoomFigures;
  throw new Error(`generator ended with ${String(code ?? signal)}: ${child.stderr}`);
}
