import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { OpenLoop } from './open-loop.ts';
import type { LoadTransport, Outcome } from './open-loop.ts';
import { cpuTicks } from '../sip/processes.ts';
import { startEdge } from './server.ts';

/*
 * What of its best a server still delivers at a multiple of the load that it can take: first as many messages as it can, a
 * number under way at a time, then by a fixed schedule at twice that rate, whatever it answers, over UDP with the
 * repetitions of RFC 3261 §17.1.2.2. The same again with the care for overload switched off.
 */

const { values } = parseArgs({
  options: {
    transport: { type: 'string', default: 'tcp' },
    users: { type: 'string', default: '20' },
    times: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '9' },
    rounds: { type: 'string', default: '3' },
    native: { type: 'string', default: 'auto' },
    delay: { type: 'string', default: '200,0' },
  },
});
const transport: LoadTransport = values.transport === 'udp' ? 'udp' : 'tcp';
const users = Number(values.users);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);

/** Messages delivered or stored in a second, and in a second of the edge's processor. */
function goodput({ delivered, stored, seconds: time, cpu }: Outcome): { readonly rate: number; readonly work: number } {
  return { rate: (delivered + stored) / time, work: (delivered + stored) / cpu };
}

function show(name: string, outcome: Outcome, best: Outcome): void {
  const { delivered, stored, refused, sent, seconds: time, p50, p99 } = outcome;
  const rate = (count: number): string => `${Math.round(count / time).toLocaleString('en')}/s`.padStart(10);
  const part = (of: 'rate' | 'work'): string => (goodput(outcome)[of] / goodput(best)[of]).toFixed(2);
  console.log(
    `${name.padEnd(20)} offered ${rate(sent)}  delivered ${rate(delivered)}  stored ${rate(stored)}  503 ${rate(refused)}  ` +
      `p50 ${p50.toFixed(0).padStart(5)} ms  p99 ${p99.toFixed(0).padStart(5)} ms  ` +
      `cores ${(outcome.cpu / time).toFixed(2)}  of the best ${part('rate')}, by processor time ${part('work')}`,
  );
}

/** One round with a server of its own; what part of its best it still delivered or stored for its processor time. */
async function round(delay: string): Promise<number> {
  const accounts = Array.from({ length: users }, (_, i) => `s${i}:x,r${i}:x`).join(',');
  const settings = { PARLEY_USERS: accounts, PARLEY_OVERLOAD_DELAY: delay, PARLEY_NATIVE_SOCKETS: values.native };
  await using edge = await startEdge(settings, '1');
  using loop = await OpenLoop.open(transport, edge.port, users, () => cpuTicks([edge.pid]) / 100);
  const best = await loop.saturate(200, 6, 3);
  show(`best, ${transport}`, best, best);
  await loop.settle();
  const overloaded = await loop.offer(goodput(best).rate * Number(values.times), seconds, seconds / 3);
  show(delay === '0' ? `${values.times} times, no care` : `${values.times} times, ${delay} ms`, overloaded, best);
  return goodput(overloaded).work / goodput(best).work;
}

// The server on one core, this on the other.
spawnSync('taskset', ['-a', '-p', '-c', '0', String(process.pid)]);
for (const delay of values.delay.split(',')) {
  const parts: number[] = [];
  for (let i = 0; i < rounds; i++) parts.push(await round(delay));
  console.log(
    `${transport}, delay ${delay}: median of the best, by processor time, ${(parts.toSorted()[rounds >> 1] ?? 0).toFixed(2)}`,
  );
}
