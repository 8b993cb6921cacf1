import type { EventLoopUtilization } from 'node:perf_hooks';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const prefix = 'parley_';

/**
 * Milliseconds between the wakings of prom-client's histogram of the event loop: it would wake every process a hundred
 * times a second to find that nothing happened. It is taken out again; how busy the loop is costs nothing to know.
 */
const never = 2_147_483_647;
const histogramOfLoop = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/** Seconds; from a NATS round trip to the longest wait of a SIP transaction. */
const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 32];

/** The metrics of one process; names get the prefix `parley_` and every sample the label `service`. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry, prefix, eventLoopMonitoringPrecision: never });
    for (const part of histogramOfLoop)
      this.registry.removeSingleMetric(`${prefix}nodejs_eventloop_lag_${part}_seconds`);
    this.exposeLoop();
  }

  /** A count that only grows; `name` without prefix, ending in `_total`. */
  counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ name: prefix + name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  /** A measure that is read when it is asked for: `collect` sets it. */
  gauge<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    collect?: (gauge: Gauge<Label>) => void,
  ): Gauge<Label> {
    return new Gauge({
      name: prefix + name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      ...(collect && {
        collect(this: Gauge<Label>) {
          collect(this);
        },
      }),
    });
  }

  /** Durations in seconds; `name` without prefix, ending in `_seconds`. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    buckets: readonly number[] = latencyBuckets,
  ): Histogram<Label> {
    return new Histogram({
      name: prefix + name,
      help,
      labelNames: [...labelNames],
      buckets: [...buckets],
      registers: [this.registry],
    });
  }

  private exposeLoop(): void {
    let before: EventLoopUtilization = performance.eventLoopUtilization();
    const help = 'part of the time since the last look that the event loop was not waiting, 0 to 1';
    this.gauge('nodejs_eventloop_utilization', help, [], (gauge) => {
      const now = performance.eventLoopUtilization();
      gauge.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    });
  }

  /** All of it in Prometheus's text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
