import type { Secret } from './data/secret-file.ts';
import { demoUsers } from './demo-accounts.ts';
import { isLoopback } from './loopback.ts';
import { portSettings } from './ports.ts';
import type { KnownPorts } from './ports.ts';
import type { LauncherSettings } from './settings.ts';

/** What the environment of a service is made from. */
export interface EnvironmentParts {
  readonly settings: LauncherSettings;
  /** The launcher's own environment. */
  readonly environment: NodeJS.ProcessEnv;
  /** Password of the private NATS; undefined when another is used. */
  readonly natsToken: string | undefined;
  readonly adminToken: Secret | undefined;
  readonly ports: KnownPorts;
}

/** Environment of a service: what the launcher was given, completed with what it chose. */
export function serviceEnvironment(parts: EnvironmentParts): NodeJS.ProcessEnv {
  const { settings, environment, natsToken, adminToken, ports } = parts;
  return {
    ...environment,
    ...portSettings(ports),
    ...(natsToken === undefined ? {} : { PARLEY_NATS_URL: `nats://${natsToken}@127.0.0.1:${String(ports.nats)}` }),
    ...(adminToken === undefined ? {} : { PARLEY_ADMIN_TOKEN: adminToken.value }),
    ...(usesDemoAccounts(settings) ? { PARLEY_USERS: demoUsers() } : {}),
  };
}

/** Demo accounts have passwords that everybody knows, so they exist only where nobody else gets in. */
export function usesDemoAccounts({ users, host }: LauncherSettings): boolean {
  return users === undefined && isLoopback(host);
}
