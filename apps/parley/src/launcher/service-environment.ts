import { isLoopback } from '@parley/service';
import type { Environment, ParleySettings } from '@parley/service';
import type { Secret } from './data/secret-file.ts';
import { demoUsers } from './demo-accounts.ts';
import type { PrivateNats } from './guard/spec.ts';
import { portSettings } from './ports.ts';
import type { KnownPorts } from './ports.ts';

/** What the environment of a service is made from. */
export interface EnvironmentParts {
  readonly settings: ParleySettings;
  /** The launcher's own environment. */
  readonly environment: Environment;
  /** The private NATS; undefined when another is used. */
  readonly nats: Pick<PrivateNats, 'token' | 'storeOctets'> | undefined;
  readonly adminToken: Secret | undefined;
  readonly ports: KnownPorts;
}

/** Environment of a service: what the launcher was given, completed with what it chose. */
export function serviceEnvironment(parts: EnvironmentParts): Environment {
  const { settings, environment, nats, adminToken, ports } = parts;
  return {
    ...environment,
    ...portSettings(ports),
    ...(nats === undefined ? {} : ofNats(nats, ports)),
    ...(adminToken === undefined ? {} : { PARLEY_ADMIN_TOKEN: adminToken.value }),
    ...(usesDemoAccounts(settings) ? { PARLEY_USERS: demoUsers() } : {}),
  };
}

function ofNats({ token, storeOctets }: Pick<PrivateNats, 'token' | 'storeOctets'>, ports: KnownPorts): Environment {
  return {
    PARLEY_NATS_URL: `nats://${token}@127.0.0.1:${String(ports.nats)}`,
    PARLEY_STORE_OCTETS: String(storeOctets),
  };
}

/** Demo accounts have passwords that everybody knows, so they exist only where nobody else gets in. */
export function usesDemoAccounts({ users, host }: ParleySettings): boolean {
  return users === undefined && isLoopback(host);
}
