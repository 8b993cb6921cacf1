import type { Bus, BusFailure } from '@parley/bus';
import type { common } from '@parley/contracts';
import { censusSubject, rpc, serviceNames } from '@parley/contracts';
import type { Clock, Result } from '@parley/prelude';

type Answers = Result<readonly common.InstanceStatus[], BusFailure>;

/** Milliseconds to wait for answers: far above a round trip, below the second that probes usually have. */
const window = 600;

/** Milliseconds that an answer is good for those who ask next. */
const freshness = 1_000;

/** Asks which processes run; whoever asks while another does, or soon after, shares the answer. */
export class Census {
  readonly #bus: Bus;
  readonly #clock: Clock;
  #running: Promise<Answers> | undefined;
  #last: { readonly at: number; readonly answers: Answers } | undefined;

  constructor(bus: Bus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  /** Every process, without metrics. */
  take(): Promise<Answers> {
    const last = this.#last;
    if (last?.answers.ok === true && this.#clock.now() - last.at < freshness) return Promise.resolve(last.answers);
    this.#running ??= this.#take(false).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Every process with its metrics. */
  withMetrics(): Promise<Answers> {
    return this.#take(true);
  }

  async #take(withMetrics: boolean): Promise<Answers> {
    const answers = await this.#bus.gather(censusSubject, rpc.census, { withMetrics }, { within: window });
    this.#last = { at: this.#clock.now(), answers };
    return answers;
  }
}

/** The services that an installation needs to be whole; the console is here when it asks. */
export const requiredServices = serviceNames.filter((name) => name !== 'console');

/** What keeps a service from working as a whole; undefined when one of its processes is ready, and nothing is amiss with it. */
export function lackOf(service: string, instances: readonly common.InstanceStatus[]): string | undefined {
  const own = instances.filter((instance) => instance.service === service);
  if (own.length === 0) return 'no instance answers';
  const ready = own.filter((instance) => instance.ready && !instance.draining);
  if (ready.some(({ checks }) => checks.every(({ healthy }) => healthy))) return undefined;
  const [amiss] = [...ready, ...own].flatMap(({ checks }) => checks.filter(({ healthy }) => !healthy));
  const why = amiss === undefined ? '' : ` (${amiss.name}: ${amiss.detail})`;
  return `no instance is ${ready.length === 0 ? 'ready' : 'whole'}${why}`;
}
