import { loadEnvironment, parleySettings } from '@parley/service';
import type { Environment, ParleySettings } from '@parley/service';
import { LaunchError } from './launch-error.ts';
import { natsAddress } from './nats/nats-address.ts';
import type { KnownPorts } from './ports.ts';

/** The environment of an installation and what it says. */
export interface LauncherInput {
  /** What every process of the installation inherits. */
  readonly environment: Environment;
  readonly settings: ParleySettings;
}

/** Seconds that each service may drain on one machine: nobody takes over, so only what has begun is finished. */
const drainLimit = '5';

/**
 * Milliseconds of a lease where the NATS is ours alone: a killed service is back in a second, and its successor waits for
 * little else. On a NATS that others share the lease is theirs to say.
 */
const ownLease = '4000';

/**
 * Reads the environment, and `.env` behind it.
 *
 * @throws LaunchError that names the setting, its value and what is allowed
 */
export function readLauncherInput(variables: Environment = process.env): LauncherInput {
  const given = loadEnvironment(process.cwd(), variables);
  const lease = given['PARLEY_NATS_URL'] === undefined ? { PARLEY_LEASE_MS: ownLease } : {};
  const environment = { PARLEY_DRAIN_LIMIT: drainLimit, ...lease, ...given };
  const settings = parleySettings(environment);
  if (!settings.ok) throw new LaunchError(settings.error.message);
  if (settings.value.healthPort !== undefined) {
    throw new LaunchError(
      'PARLEY_HEALTH_PORT is for a service that is started alone; here PARLEY_HTTP_PORT serves health',
    );
  }
  return { environment, settings: settings.value };
}

/** Whether this installation runs its own NATS. */
export function hasPrivateNats({ natsUrls }: ParleySettings): boolean {
  return natsUrls.length === 0;
}

/** Ports that the settings ask for, 0 for any; of a NATS that is not ours the one that it has. */
export function wantedPorts(settings: ParleySettings): KnownPorts {
  const [first] = settings.natsUrls;
  return {
    sip: settings.sipPort,
    sips: settings.sipsPort,
    sipWs: settings.sipWsPort,
    msrp: settings.msrpPort,
    msrps: settings.msrpsPort,
    msrpWs: settings.msrpWsPort,
    http: settings.httpPort,
    nats: first === undefined ? settings.natsPort : natsAddress(first).port,
  };
}
