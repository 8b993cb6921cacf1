import type { ParleySettings } from '@parley/service';

/** What of the settings concerns the console. */
export type ConsoleSettings = Pick<
  ParleySettings,
  'host' | 'httpPort' | 'adminToken' | 'domain' | 'chatDomain' | 'lease'
>;
