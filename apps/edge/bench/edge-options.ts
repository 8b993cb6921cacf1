import { spawnSync } from 'node:child_process';
import { forwardingOptions } from '@parley/service';

/** Runs the script again under the options of an edge, unless it does: under others it measures another collector. */
export function underEdgeOptions(): void {
  const { execArgv, execPath, argv } = process;
  if (forwardingOptions.every((option) => execArgv.includes(option))) return;
  const { status } = spawnSync(execPath, [...execArgv, ...forwardingOptions, ...argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
