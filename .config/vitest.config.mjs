import { defineConfig } from 'vitest/config';

// Unit tests run in parallel; whole-system tests under test/ start processes and ports, so they run one file at a time.
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['libs/*/tests/**/*.test.ts', 'apps/*/tests/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
