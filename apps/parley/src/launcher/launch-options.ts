import type { Clock } from '@parley/prelude';
import type { Environment, ParleySettings } from '@parley/service';
import type { Logger } from './logger.ts';
import type { ServicePlan } from './service-plan.ts';

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
