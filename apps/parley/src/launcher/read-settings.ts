import { resolve } from 'node:path';
import { portNames, portVariables } from './ports.ts';
import type { LauncherSettings } from './settings.ts';

const defaults = { sip: 5060, sips: 5061, sipWs: 5066, msrp: 2855, msrps: 2856, msrpWs: 2866, http: 8080, nats: 4222 };

/** The launcher's settings from an environment. */
export function readLauncherSettings(environment: NodeJS.ProcessEnv): LauncherSettings {
  const text = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  const domain = text('PARLEY_DOMAIN') ?? 'localhost';
  return {
    domain,
    chatDomain: text('PARLEY_CHAT_DOMAIN') ?? `chat.${domain}`,
    host: text('PARLEY_HOST') ?? '127.0.0.1',
    ports: Object.fromEntries(portNames.map((name) => [name, Number(text(portVariables[name]) ?? defaults[name])])),
    natsUrl: text('PARLEY_NATS_URL'),
    dataDir: resolve(text('PARLEY_DATA_DIR') ?? '.parley'),
    users: text('PARLEY_USERS'),
    adminToken: text('PARLEY_ADMIN_TOKEN'),
    logLevel: text('PARLEY_LOG') ?? 'info',
  };
}
