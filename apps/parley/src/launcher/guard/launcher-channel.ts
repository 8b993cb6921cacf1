import type { ProcessIdentity } from '../data/process-identity.ts';
import type { Severity } from '../nats/server-log.ts';
import { readWards } from './wards.ts';

/** The guard's end of its channel to the launcher. */
export interface LauncherChannel {
  /** Resolves when the launcher asks the guard to end, or is no more. */
  readonly done: Promise<undefined>;
  /** The services that run now, as last told. */
  wards(): readonly ProcessIdentity[];
  tellReady(ports: Readonly<Record<string, number>>): void;
  /** The launcher writes the guard's log: the guard is small, and ready sooner, without one of its own. */
  readonly log: (severity: Severity, message: string) => void;
}

/** Listens to the launcher that has started this process. */
export function openLauncherChannel(): LauncherChannel {
  const done = Promise.withResolvers<undefined>();
  let wards: readonly ProcessIdentity[] = [];
  const end = (): void => {
    done.resolve(undefined);
  };
  process.on('message', (message) => {
    wards = readWards(message) ?? wards;
  });
  process.once('SIGTERM', end);
  process.once('disconnect', end);
  // The launcher may be gone before this process has got so far as to listen.
  if (!process.connected) end();
  return {
    done: done.promise,
    wards: () => wards,
    tellReady: (ports) => {
      tell({ kind: 'ready', ports });
    },
    log: (severity, message) => {
      tell({ kind: 'log', severity, message });
    },
  };
}

function tell(message: object): void {
  // An error here is the end of the launcher, which is told of by `done`.
  if (process.connected) process.send?.(message, () => {});
}
