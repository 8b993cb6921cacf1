import type { Clock, Random } from '@parley/prelude';
import type { Logger } from 'pino';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../health/metrics.ts';
import type { ParleySettings } from '../settings/parley-settings.ts';

/** What a process gives the service in it. */
export interface ServiceContext {
  readonly settings: ParleySettings;
  /** Name of this process among its like; unique per start unless `PARLEY_INSTANCE` says otherwise. */
  readonly instance: string;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when the process is asked to stop: ends what a start still waits for. */
  readonly stopping: AbortSignal;
  /** Begins the drain from inside, e.g. when something that cannot be repaired is lost; `code` is the exit code. */
  stop(reason: string, code?: number): void;
}

/** A service that accepts work. Disposing stops it at once; `drain` comes before and lets it finish what it has begun. */
export interface RunningService extends AsyncDisposable {
  /** Ports that it listens at, by the names of `ports.json`. */
  readonly ports?: Readonly<Record<string, number>>;
  drain?(): Promise<void>;
}

/** One program: its name and how it begins. */
export interface ServiceDefinition {
  /** Name in logs, metrics and messages, e.g. `edge`. */
  readonly name: string;
  /** Resolves once every listener accepts. */
  readonly start: (context: ServiceContext) => Promise<RunningService>;
}

/** What a service tells its launcher over the IPC channel. */
export interface ServiceReport {
  readonly kind: 'ready';
  readonly service: string;
  readonly instance: string;
  readonly ports: Readonly<Record<string, number>>;
}
