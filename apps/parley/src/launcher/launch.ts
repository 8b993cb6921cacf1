import { resolve } from 'node:path';
import type { Clock } from '@parley/prelude';
import type { Environment, ParleySettings } from '@parley/service';
import { dataDir, earlierRunEnded, openDataDir } from './data/data-dir.ts';
import type { DataDir } from './data/data-dir.ts';
import { removePortsFile, writePortsFile } from './data/ports-file.ts';
import { keepSecret } from './data/secret-file.ts';
import type { Secret } from './data/secret-file.ts';
import { Fleet } from './fleet.ts';
import { guardName, guardSpec } from './guard/spec.ts';
import { LaunchError } from './launch-error.ts';
import type { Logger } from './logger.ts';
import { probePorts } from './port-probe.ts';
import { chosenPorts } from './ports.ts';
import type { KnownPorts } from './ports.ts';
import { serviceEnvironment } from './service-environment.ts';
import type { ServicePlan } from './service-plan.ts';
import { hasPrivateNats, wantedPorts } from './settings.ts';
import { startChild } from './supervision/child.ts';
import { servicePolicy } from './supervision/restart-policy.ts';

/** What an installation is made of. */
export interface LaunchOptions {
  readonly settings: ParleySettings;
  /** The services in the order of starting; they drain the other way round. */
  readonly services: readonly ServicePlan[];
  /** Environment that every process inherits. */
  readonly environment: Environment;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the start is to be given up. */
  readonly stop: AbortSignal;
  /** Aborted when draining is to be cut short. */
  readonly hurry: AbortSignal;
}

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
  const dir = dataDir(resolve(options.settings.dataDir));
  await using undo = new AsyncDisposableStack();
  const lock = openDataDir(dir);
  undo.defer(() => {
    lock.release();
  });
  const adminToken = options.settings.adminToken === undefined ? keepSecret(dir.adminToken) : undefined;
  const fleet = newFleet(options);
  undo.defer(() => drain(fleet, options));
  removePortsFile(dir.path);
  await Promise.race([start(fleet, dir, adminToken, options), aborted(options.stop)]);
  undo.defer(() => {
    removePortsFile(dir.path);
  });
  writePortsFile(dir.path, fleet.ports);
  const end = undo.move();
  return { ports: fleet.ports, adminToken, [Symbol.asyncDispose]: () => end.disposeAsync() };
}

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

async function start(
  fleet: Fleet,
  dir: DataDir,
  adminToken: Secret | undefined,
  options: LaunchOptions,
): Promise<void> {
  const { settings, services, environment, logger } = options;
  await earlierRunEnded(dir, () => {
    logger.info('waiting for what a killed launcher left to end');
  });
  const wanted = wantedPorts(settings);
  await probePorts(settings.host, hasPrivateNats(settings) ? wanted : { ...wanted, nats: 0 });
  const token = hasPrivateNats(settings) ? keepSecret(dir.natsToken).value : undefined;
  const nats = token === undefined ? undefined : { token, port: () => fleet.ports.nats ?? 0 };
  const policy = servicePolicy(settings.drainLimit * 1000);
  await fleet.add(guardSpec({ dir, environment, logger, patience: policy.drainDeadline }, nats));
  const startService = async ({ name, script, needs }: ServicePlan): Promise<void> => {
    await fleet.told(needs);
    const command = (): ReturnType<Parameters<Fleet['add']>[0]['command']> => ({
      script,
      args: [],
      environment: serviceEnvironment({ settings, environment, natsToken: token, adminToken, ports: fleet.ports }),
    });
    await fleet.add({ name, policy, command });
  };
  await Promise.all(services.map(startService));
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
    const give = (): void => {
      reject(new LaunchError('stopped while starting'));
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
