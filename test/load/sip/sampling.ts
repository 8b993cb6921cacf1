import { setTimeout as pause } from 'node:timers/promises';
import type { Figures } from './generator.ts';
import { generate } from './generator.ts';
import { cpuTicks } from './processes.ts';
import type { Server } from './servers.ts';
import { domain, password } from './servers.ts';

/** What is asked of the generator for one sample; numbers as they are written on a command line. */
export interface Load {
  readonly transport: string;
  readonly auth: string;
  readonly users: string;
  /** Messages a second; 0, as fast as answers come. */
  readonly rate: string;
  readonly seconds: string;
  readonly warmup: string;
  readonly body: string;
}

/** One run of the generator against one server. */
export interface Sample {
  readonly server: string;
  readonly transport: string;
  readonly figures: Figures;
}

/** Waits until no server works off what the last sample left (finished transactions), 10 s at most. */
async function cool(servers: readonly Server[]): Promise<void> {
  const pids = servers.flatMap((server) => server.pids());
  for (let round = 0, before = cpuTicks(pids); round < 20; round++) {
    await pause(500);
    const after = cpuTicks(pids);
    if (after - before <= 3) return;
    before = after;
  }
}

async function figuresOf(server: Server, load: Load, pin: boolean): Promise<Figures> {
  const { transport, users, rate, seconds, warmup, body } = load;
  const credentials = load.auth === 'digest' ? { password } : {};
  const target = { server: `127.0.0.1:${server.port}`, pids: server.pids().join(','), domain, transport };
  return generate({ ...target, users, rate, seconds, warmup, body, ...credentials }, pin ? '0' : undefined);
}

/** The same load on all servers in turn, so many times (A B A B). */
export async function sampleInTurn(
  servers: readonly Server[],
  load: Load,
  repetitions: number,
  pin: boolean,
  hear: (sample: Sample) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++)
    for (const server of servers) {
      await cool(servers);
      const one = { server: server.name, transport: load.transport, figures: await figuresOf(server, load, pin) };
      samples.push(one);
      hear(one);
    }
  return samples;
}

/** Parley's figure by Kamailio's of the same repetition, each time. */
export function ratiosOf(samples: readonly Sample[], figure: (figures: Figures) => number): readonly number[] {
  const of = (name: string): readonly Figures[] =>
    samples.filter(({ server }) => server === name).map(({ figures }) => figures);
  const peers = of('kamailio');
  return of('parley').flatMap((ours, at) => {
    const theirs = peers[at];
    return theirs === undefined ? [] : [figure(ours) / figure(theirs)];
  });
}

/** The middle one, or between the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle - 0.5)] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
