import { randomToken } from '@parley/prelude';
import { healthHandler } from '../health/health-handler.ts';
import { startHealthServer } from '../health/health-server.ts';
import type { HealthServer } from '../health/health-server.ts';
import { Health } from '../health/health.ts';
import { Metrics } from '../health/metrics.ts';
import { createLogger } from '../logging.ts';
import { systemClock } from '../native/system-clock.ts';
import { systemRandom } from '../native/system-random.ts';
import { loadEnvironment } from '../settings/environment.ts';
import { parleySettings } from '../settings/parley-settings.ts';
import type { ParleySettings } from '../settings/parley-settings.ts';
import { explainStartFailure } from './start-failure.ts';
import type { RunningService, ServiceContext, ServiceDefinition, ServiceReport } from './service.ts';
import { onStopRequest } from './stop-requests.ts';

/**
 * The whole life of a service's process: settings, start, readiness, signals, drain, exit. Never rejects; the exit code is 0
 * after a drain that was asked for, 1 when it could not start, was cut off, or met an error that nobody handled.
 */
export async function runService(definition: ServiceDefinition): Promise<void> {
  const settings = parleySettings(loadEnvironment());
  if (settings.ok) await new ServiceProcess(definition, settings.value).run();
  else complain(definition.name, settings.error.message);
}

function complain(service: string, line: string): void {
  process.exitCode = 1;
  process.stderr.write(`parley ${service}: ${line}\n`);
}

class ServiceProcess {
  private readonly definition: ServiceDefinition;
  private readonly context: ServiceContext;
  private readonly stopRequested = Promise.withResolvers<string>();
  private readonly stopping = new AbortController();
  private healthServer: HealthServer | undefined;

  constructor(definition: ServiceDefinition, settings: ParleySettings) {
    const { name } = definition;
    const instance = settings.instance ?? `${name}-${randomToken(systemRandom, 10)}`;
    this.definition = definition;
    this.context = {
      settings,
      instance,
      logger: createLogger({ service: name, instance, level: settings.log }),
      health: new Health(),
      metrics: new Metrics(name),
      clock: systemClock,
      random: systemRandom,
      stopping: this.stopping.signal,
      stop: (reason, code = 0) => {
        if (code !== 0) process.exitCode = code;
        this.stopping.abort();
        this.stopRequested.resolve(reason);
      },
    };
  }

  async run(): Promise<void> {
    this.dieOfUnhandled();
    const ignoreRequests = onStopRequest((reason) => {
      this.context.stop(reason);
    });
    const service = await this.start();
    if (service !== undefined) {
      this.announce(service);
      await this.end(service, await this.stopRequested.promise);
    }
    ignoreRequests();
  }

  private async start(): Promise<RunningService | undefined> {
    const { settings, health, metrics, logger } = this.context;
    try {
      if (settings.healthPort !== undefined) {
        this.healthServer = await startHealthServer(settings.host, settings.healthPort, healthHandler(health, metrics));
      }
      return await this.definition.start(this.context);
    } catch (error) {
      const line = explainStartFailure(error, settings);
      if (line === undefined) logger.fatal({ err: error }, 'could not start');
      else complain(this.definition.name, line);
      process.exitCode = 1;
      await this.healthServer?.[Symbol.asyncDispose]();
      this.leaveInTime();
      return undefined;
    }
  }

  private announce(service: RunningService): void {
    const { health, logger, instance } = this.context;
    const ports = { ...service.ports, ...(this.healthServer && { health: this.healthServer.port }) };
    health.started();
    logger.info({ ports }, 'ready');
    const report: ServiceReport = { kind: 'ready', service: this.definition.name, instance, ports };
    if (process.connected) process.send?.(report);
  }

  private async end(service: RunningService, reason: string): Promise<void> {
    const { health, logger } = this.context;
    logger.info({ reason }, 'draining');
    health.drain();
    this.leaveInTime();
    try {
      await service.drain?.();
      await service[Symbol.asyncDispose]();
      await this.healthServer?.[Symbol.asyncDispose]();
      logger.info('stopped');
    } catch (error) {
      logger.error({ err: error }, 'could not stop cleanly');
      process.exitCode = 1;
    }
  }

  /** Cuts off what has not ended by itself; keeps nothing alive. */
  private leaveInTime(): void {
    const { settings, logger } = this.context;
    setTimeout(() => {
      logger.error({ seconds: settings.drainLimit }, 'cut off: the drain took too long');
      process.exit(1);
    }, settings.drainLimit * 1000).unref();
  }

  /** After an error that nobody handled the state is not to be trusted: no drain, and the successor starts from the store. */
  private dieOfUnhandled(): void {
    const die = (error: unknown, origin: string): void => {
      this.context.logger.fatal({ err: error, origin }, 'unhandled error');
      process.exit(1);
    };
    process.on('uncaughtException', die);
    process.on('unhandledRejection', (reason) => {
      die(reason, 'unhandledRejection');
    });
  }
}
