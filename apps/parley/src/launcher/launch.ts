import { resolve } from 'node:path';
import { dataDir, openDataDir } from './data/data-dir.ts';
import { removePortsFile, writePortsFile } from './data/ports-file.ts';
import { keepSecret } from './data/secret-file.ts';
import type { Secret } from './data/secret-file.ts';
import { Fleet } from './fleet.ts';
import { guardName } from './guard/spec.ts';
import { LaunchError } from './launch-error.ts';
import type { LaunchOptions } from './launch-options.ts';
import { chosenPorts } from './ports.ts';
import type { KnownPorts } from './ports.ts';
import { wantedPorts } from './settings.ts';
import { startFleet } from './start-fleet.ts';
import { startChild } from './supervision/child.ts';

/** A running installation; disposing of it drains everything, NATS last. */
export interface Installation extends AsyncDisposable {
  readonly ports: KnownPorts;
  /** Token of the HTTP API, when it was not given by a setting. */
  readonly adminToken: Secret | undefined;
}

/**
 * Starts NATS and the services on this machine; resolves when every one of them accepts.
 *
 * @throws LaunchError when something is in the way; nothing is left running then
 */
export async function launch(options: LaunchOptions): Promise<Installation> {
  const { settings, stop } = options;
  const dir = dataDir(resolve(settings.dataDir));
  await using undo = new AsyncDisposableStack();
  const lock = openDataDir(dir);
  undo.defer(() => {
    lock.release();
  });
  removePortsFile(dir.path);
  const adminToken = settings.adminToken === undefined ? keepSecret(dir.adminToken) : undefined;
  const fleet = newFleet(options);
  undo.defer(() => drain(fleet, options));
  await Promise.race([startFleet(fleet, { dir, adminToken }, options), aborted(stop)]);
  undo.defer(() => {
    removePortsFile(dir.path);
  });
  writePortsFile(dir.path, fleet.ports);
  const end = undo.move();
  return { ports: fleet.ports, adminToken, [Symbol.asyncDispose]: () => end.disposeAsync() };
}

/** The guard is told of every change, so that it knows whom to end should the launcher be killed. */
function newFleet({ clock, logger, settings }: LaunchOptions): Fleet {
  const fleet: Fleet = new Fleet({
    clock,
    logger,
    start: startChild,
    chosen: chosenPorts(wantedPorts(settings)),
    onPidChange: () => fleet.member(guardName)?.send({ kind: 'wards', pids: fleet.pidsBut(guardName) }),
  });
  return fleet;
}

function drain(fleet: Fleet, { services, hurry }: LaunchOptions): Promise<void> {
  const names = services.map(({ name }) => name).toReversed();
  const cutShort = (): void => {
    fleet.kill(names);
  };
  hurry.addEventListener('abort', cutShort);
  if (hurry.aborted) cutShort();
  return fleet.drain([...names, guardName]).finally(() => {
    hurry.removeEventListener('abort', cutShort);
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = (): void => {
      reject(new LaunchError('stopped while starting'));
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
