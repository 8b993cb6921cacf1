import { spawnSync } from 'node:child_process';

/** Options of V8 that `npm start` and Kubernetes give an edge (docs/adr/0026). */
export const edgeOptions = [
  '--single-threaded-gc',
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
];

/** Runs the script again under {@link edgeOptions}, unless it does: under others it measures another collector. */
export function underEdgeOptions(): void {
  const { execArgv, execPath, argv } = process;
  if (edgeOptions.every((option) => execArgv.includes(option))) return;
  const { status } = spawnSync(execPath, [...execArgv, ...edgeOptions, ...argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
