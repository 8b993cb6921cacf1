// What tests import as fast-check: properties are tried with the same cases each time, so that one commit gives one
// result. FAST_CHECK_SEED tries others, FAST_CHECK_RUNS more.
import fc from '../node_modules/fast-check/lib/fast-check.js';

const { FAST_CHECK_SEED = '20261121', FAST_CHECK_RUNS = '100' } = process.env;
fc.configureGlobal({ seed: Number(FAST_CHECK_SEED), numRuns: Number(FAST_CHECK_RUNS) });

export * from '../node_modules/fast-check/lib/fast-check.js';
export default fc;
