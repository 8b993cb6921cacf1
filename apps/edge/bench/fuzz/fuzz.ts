import { parseArgs } from 'node:util';
import { fuzzCore } from './fuzz-core.ts';
import { fuzzSockets } from './fuzz-sockets.ts';

/*
 * A soak: `node apps/edge/bench/fuzz/fuzz.ts --inputs 10000000 --sockets 100000 --seed 1`. Ends with 1 when something was
 * found, and says what.
 */

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    sockets: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);
const started = process.cpuUsage();
const say = (text: string): void => {
  console.log(text);
};

const core = await fuzzCore(Number(values.inputs), seed, say);
say(JSON.stringify({ ...core, faults: core.faults.slice(0, 20), faultCount: core.faults.length }, undefined, 2));
const sockets = await fuzzSockets(Number(values.sockets), seed);
say(JSON.stringify({ ...sockets, faults: sockets.faults.slice(0, 20) }, undefined, 2));
const { user, system } = process.cpuUsage(started);
say(`${((user + system) / 1e6).toFixed(0)} s of processor time`);
const isSound = core.faults.length + sockets.faults.length + core.stuck === 0 && core.grown < 50e6 && sockets.alive;
process.exitCode = isSound ? 0 : 1;
