import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import { underEdgeOptions } from './edge-options.ts';
import { octetsOf } from './simulated-flow.ts';
import { okTo, someMessage, Street } from './street.ts';

/*
 * Page mode between many users, through everything that stands between two system calls: the octets of a turn come at once,
 * and what they make the edge write leaves at once. Only the edge's side is measured. The baseline parses and writes the
 * same four messages and does nothing else.
 */

underEdgeOptions();
const [users = 200, rounds = 40] = process.argv.slice(2).map(Number);
const perRound = 5_000;

/** Microseconds of processor time for each message, where nothing is done but to parse and write. */
function baseline(): number {
  const octets = someMessage();
  const pair = [octets, okTo(octets.toString('latin1'))];
  const start = process.cpuUsage();
  let written = 0;
  for (let i = 0; i < perRound; i++)
    for (const one of pair) written += octetsOf(unwrap(parseSipMessage(one, { codec: nodeBytes }))).length;
  const { user, system } = process.cpuUsage(start);
  if (written === 0) throw new Error('nothing was written');
  return (user + system) / perRound;
}

function median(values: number[]): number {
  return values.sort((one, other) => one - other)[values.length >> 1] ?? NaN;
}

await using street = await Street.build(users);
street.run(4 * perRound);
const costs: number[] = [];
const bases: number[] = [];
for (let round = 0; round < rounds; round++) {
  bases.push(baseline());
  costs.push(street.run(perRound));
}
const [cost, base] = [median(costs), median(bases)];
console.log(
  `page mode between ${users} users over streams: ${cost.toFixed(2)} µs a message, ` +
    `baseline ${base.toFixed(2)} µs, ratio ${(base / cost).toFixed(2)}`,
);
