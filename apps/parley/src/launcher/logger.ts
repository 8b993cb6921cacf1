import { createLogger } from '@parley/service';
import type { ParleySettings } from '@parley/service';

/** The launcher's log; its lines stand among those of its services. */
export type Logger = ReturnType<typeof createLogger>;

/** Makes the launcher's log. */
export function launcherLogger({ log }: ParleySettings): Logger {
  return createLogger({ service: 'parley', instance: `parley-${process.pid}`, level: log });
}
