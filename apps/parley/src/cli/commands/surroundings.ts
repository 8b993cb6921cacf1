import type { ParleySettings } from '@parley/service';
import type { ApiClient } from '../api/api-client.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What commands work with; settings are read only when a command runs, so that help needs none. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** @throws CommandError that names the setting that is wrong */
  readonly settings: () => ParleySettings;
  /** @throws CommandError when the settings are wrong */
  readonly api: () => ApiClient;
}
