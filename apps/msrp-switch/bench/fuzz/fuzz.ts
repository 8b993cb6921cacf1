import { parseArgs } from 'node:util';
import { fuzzSwitch } from './fuzz-switch.ts';

/* A soak: `node apps/msrp-switch/bench/fuzz/fuzz.ts --inputs 1000000 --seed 1`. Ends with 1 when something was found. */

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const started = process.cpuUsage();
const report = await fuzzSwitch(Number(values.inputs), Number(values.seed), (text) => {
  console.log(text);
});
console.log(
  JSON.stringify({ ...report, faults: report.faults.slice(0, 20), faultCount: report.faults.length }, undefined, 2),
);
const { user, system } = process.cpuUsage(started);
console.log(`${((user + system) / 1e6).toFixed(0)} s of processor time`);
process.exitCode = report.faults.length + report.stuck === 0 && report.grown < 50e6 ? 0 : 1;
