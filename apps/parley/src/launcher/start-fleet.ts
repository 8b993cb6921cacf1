import { checkTlsFiles } from '@parley/service';
import { earlierRunEnded } from './data/data-dir.ts';
import type { DataDir } from './data/data-dir.ts';
import { keepSecret } from './data/secret-file.ts';
import type { Secret } from './data/secret-file.ts';
import type { Fleet } from './fleet.ts';
import { guardSpec } from './guard/spec.ts';
import type { PrivateNats } from './guard/spec.ts';
import { LaunchError } from './launch-error.ts';
import type { LaunchOptions } from './launch-options.ts';
import { requireNats } from './nats/require-nats.ts';
import { storeRoom } from './nats/store-room.ts';
import { probePorts } from './port-probe.ts';
import { serviceEnvironment } from './service-environment.ts';
import type { ServicePlan } from './service-plan.ts';
import { hasPrivateNats, wantedPorts } from './settings.ts';
import type { ChildCommand } from './supervision/child.ts';
import { servicePolicy } from './supervision/restart-policy.ts';

/** What the processes of an installation share besides their settings. */
export interface SharedSecrets {
  readonly dir: DataDir;
  /** Token of the HTTP API, when it was not given by a setting. */
  readonly adminToken: Secret | undefined;
}

/**
 * Starts NATS and then all services, each as soon as it knows the ports that it needs; resolves when all are ready.
 *
 * @throws LaunchError that says what is in the way
 */
export async function startFleet(fleet: Fleet, shared: SharedSecrets, options: LaunchOptions): Promise<void> {
  const { settings, services, environment, logger } = options;
  await earlierRunEnded(shared.dir, () => {
    logger.info('waiting for what a killed launcher left to end');
  });
  await requireSurroundings(options);
  const patience = servicePolicy(settings.drainLimit * 1000).drainDeadline;
  const nats = privateNats(fleet, shared.dir, options);
  await fleet.add(guardSpec({ dir: shared.dir, environment, logger, patience }, nats));
  await Promise.all(services.map((plan) => startService(plan, fleet, shared, nats, options)));
}

/** Looks before anything is started, as the service that meets the trouble could only fail. */
async function requireSurroundings({ settings }: LaunchOptions): Promise<void> {
  const complaint = checkTlsFiles(settings);
  if (complaint !== undefined) throw new LaunchError(complaint.message);
  const wanted = wantedPorts(settings);
  if (hasPrivateNats(settings)) return probePorts(settings.host, wanted);
  await probePorts(settings.host, { ...wanted, nats: 0 });
  await requireNats(settings.natsUrls);
}

function privateNats(fleet: Fleet, dir: DataDir, { settings }: LaunchOptions): PrivateNats | undefined {
  if (!hasPrivateNats(settings)) return undefined;
  return {
    token: keepSecret(dir.natsToken).value,
    storeOctets: settings.storeOctets ?? storeRoom(dir.nats),
    port: () => fleet.ports.nats ?? 0,
  };
}

async function startService(
  { name, script, needs, runtime }: ServicePlan,
  fleet: Fleet,
  { adminToken }: SharedSecrets,
  nats: PrivateNats | undefined,
  { settings, environment }: LaunchOptions,
): Promise<void> {
  await fleet.told(needs);
  const command = (): ChildCommand => ({
    script,
    runtime,
    args: [],
    environment: serviceEnvironment({ settings, environment, nats, adminToken, ports: fleet.ports }),
  });
  await fleet.add({ name, policy: servicePolicy(settings.drainLimit * 1000), command });
}
