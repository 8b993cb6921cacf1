import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// How long a test may take is no claim about speed, for nobody knows how busy the machine is: it ends what hangs.
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

// Unit tests run in parallel; whole-system tests under test/ start processes and ports, so they run one file at a time.
const resolve = { alias: { 'fast-check': fileURLToPath(new URL('fast-check.mjs', import.meta.url)) } };

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['libs/*/tests/**/*.test.ts', 'apps/*/tests/**/*.test.ts'],
          maxWorkers: '100%', // by default a core is left to vitest, which on two cores is half of them
          ...patience,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          ...patience,
          fileParallelism: false,
        },
      },
    ],
  },
});
