import type { Clock, Random } from '@parley/prelude';
import { unwrap } from '@parley/prelude';
import type { ServiceContext } from '@parley/service';
import { createLogger, Health, Metrics, parleySettings, systemClock, systemRandom } from '@parley/service';

/** How a service is to be surrounded in a test. */
export interface TestContextOptions {
  readonly instance?: string;
  /** `PARLEY_*` variables; only these, never those of the machine. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Hears of each error that is logged. */
  readonly onError?: (line: string) => void;
}

/** What a process would give a service, for one that runs inside a test; its log says only what is fatal, or tells the errors. */
export function testContext(service: string, options: TestContextOptions = {}): ServiceContext {
  const {
    instance = `${service}-test`,
    environment = {},
    clock = systemClock,
    random = systemRandom,
    onError,
  } = options;
  return {
    settings: unwrap(parleySettings(environment)),
    instance,
    logger:
      onError === undefined
        ? createLogger({ service, instance, level: 'fatal' })
        : createLogger({ service, instance, level: 'error' }, { write: onError }),
    health: new Health(),
    metrics: new Metrics(service),
    clock,
    random,
    stopping: new AbortController().signal,
    stop() {},
  };
}
