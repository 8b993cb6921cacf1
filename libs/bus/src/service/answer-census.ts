import type { common } from '@parley/contracts';
import { censusSubject, rpc } from '@parley/contracts';
import type { ServiceContext } from '@parley/service';
import type { Bus, Subscription } from '../bus.ts';

/** What a process says of itself beyond its context. */
export interface CensusOptions {
  /** Name of the service, as in subjects. */
  readonly service: string;
  /** Listeners, as people read them, e.g. `sip:127.0.0.1:5060;transport=udp`. */
  readonly addresses?: readonly string[];
  /** What is worth knowing and makes no process unready: a name, and `ok` or what is the matter. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Version of the whole: services of one release carry the same. */
const version = '0.1.0';

/** What of its context a process tells. */
export type CensusContext = Pick<ServiceContext, 'instance' | 'health' | 'metrics' | 'clock'>;

/** Answers whoever asks which processes run and how they are. */
export function answerCensus(bus: Bus, context: CensusContext, options: CensusOptions): Subscription {
  const notes = Object.entries(options.notes ?? {}).map(([name, detail]) => ({ name, healthy: true, detail }));
  const startedAt = Math.round(context.clock.wallTime());
  return bus.serve(censusSubject, rpc.census, async ({ withMetrics }): Promise<common.InstanceStatus> => {
    const { ok, checks } = context.health.readiness();
    return {
      service: options.service,
      instance: context.instance,
      version,
      startedAt,
      ready: ok,
      draining: context.health.draining,
      pid: process.pid,
      addresses: options.addresses ?? [],
      metrics: withMetrics ? Buffer.from(JSON.stringify(await context.metrics.registry.getMetricsAsJSON())) : empty,
      checks: [
        ...Object.entries(checks).map(([name, state]) => ({ name, healthy: state === 'ok', detail: state })),
        ...notes,
      ],
    };
  });
}

const empty = new Uint8Array(0);
