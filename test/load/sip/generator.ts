import { fileURLToPath } from 'node:url';
import { startChild } from '@parley/testing';
import { compiled } from '../compiled.ts';

/** What one run of the generator counted and timed; README.md explains each. */
export interface Figures {
  readonly registered: number;
  readonly sent: number;
  readonly ok200: number;
  readonly accepted202: number;
  readonly failed: number;
  readonly timeouts: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicatesNewTransaction: number;
  readonly duplicatesRetransmitted: number;
  readonly outOfOrder: number;
  readonly damaged: number;
  readonly notFromReceiver: number;
  readonly retransmissions: number;
  readonly challenges: number;
  readonly serverUdpDrops: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuSecondsPer1000: number;
  readonly generatorCpuSecondsPer1000: number;
  readonly serverCores: number;
  readonly generatorCores: number;
  /** Cores that neither the server nor the generator used: the neighbours. */
  readonly otherCores: number;
  readonly serverRssMb: number;
  readonly serverPssMb: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** 0, or something was lost, doubled, damaged, out of order, refused or unanswered. */
  readonly faults: number;
}

/** Options of the generator without their dashes. */
export type GeneratorOptions = Readonly<Record<string, string | number>>;

const source = fileURLToPath(new URL('generator.c', import.meta.url));

/**
 * Runs the generator once.
 *
 * @param cores - list for taskset; undefined, any
 * @throws Error when it could not measure; faults of the server are in the figures
 */
export async function generate(options: GeneratorOptions, cores?: string): Promise<Figures> {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const [command = '', ...args] = [...pinned(cores), compiled(source), ...words];
  await using child = startChild(command, args);
  const { code, signal } = await child.exited;
  if (code === 0 || code === 1) return JSON.parse(child.stdout) as Figures;
  throw new Error(`generator ended with ${String(code ?? signal)}: ${child.stderr}`);
}

/** Words before a command that keep it on these cores. */
export function pinned(cores: string | undefined): readonly string[] {
  return cores === undefined ? [] : ['taskset', '-c', cores];
}
