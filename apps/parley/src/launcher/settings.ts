import type { KnownPorts } from './ports.ts';

/** What the launcher itself takes from the settings; its services read the rest. */
export interface LauncherSettings {
  readonly domain: string;
  readonly chatDomain: string;
  /** Address that all listeners bind. */
  readonly host: string;
  /** Port by listener; 0 or nothing picks a free one. */
  readonly ports: KnownPorts;
  /** The NATS to use; without it a private one is started. */
  readonly natsUrl: string | undefined;
  readonly dataDir: string;
  readonly users: string | undefined;
  readonly adminToken: string | undefined;
  readonly logLevel: string;
}
