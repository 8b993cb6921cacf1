import { once } from 'node:events';
import { systemClock } from '@parley/service';
import { LaunchError } from './launch-error.ts';
import { launch } from './launch.ts';
import { launcherLogger } from './logger.ts';
import { addressTable } from './presentation/address-table.ts';
import type { ServicePlan } from './service-plan.ts';
import type { StopSignals } from './stop-signals.ts';
import { readLauncherInput } from './settings.ts';

/**
 * Runs an installation until it is asked to stop.
 *
 * @returns the exit code: 0 after an orderly end, 1 when it could not start
 */
export async function runLauncher(services: readonly ServicePlan[], { stop, hurry }: StopSignals): Promise<number> {
  // Neither a signal nor a pause before a restart keeps a process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const { environment, settings } = readLauncherInput();
    const logger = launcherLogger(settings);
    await using running = await launch({ settings, services, environment, clock: systemClock, logger, stop, hurry });
    process.stdout.write(`${addressTable(settings, running.ports, running.adminToken)}parley ready\n`);
    if (!stop.aborted) await once(stop, 'abort');
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    if (!(error instanceof LaunchError)) throw error;
    process.stderr.write(`parley: ${error.message}\n`);
    return 1;
  } finally {
    clearInterval(alive);
  }
}
