import { once } from 'node:events';
import { LaunchError } from './launch-error.ts';
import { launch } from './launch.ts';
import { jsonLog } from './log.ts';
import { addressTable } from './presentation/address-table.ts';
import { readLauncherSettings } from './read-settings.ts';
import type { ServicePlan } from './service-plan.ts';
import type { StopSignals } from './stop-signals.ts';
import { systemClock } from './system-clock.ts';

/**
 * Runs an installation until it is asked to stop.
 *
 * @returns the exit code: 0 after an orderly end, 1 when it could not start
 */
export async function runLauncher(services: readonly ServicePlan[], { stop, hurry }: StopSignals): Promise<number> {
  const environment = process.env;
  try {
    const settings = readLauncherSettings(environment);
    const log = jsonLog('parley', settings.logLevel, (line) => process.stderr.write(line));
    await using running = await launch({ settings, services, environment, clock: systemClock, log, stop, hurry });
    process.stdout.write(`${addressTable(settings, running.ports, running.adminToken)}parley ready\n`);
    if (!stop.aborted) await once(stop, 'abort');
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    if (!(error instanceof LaunchError)) throw error;
    process.stderr.write(`parley: ${error.message}\n`);
    return 1;
  }
}
