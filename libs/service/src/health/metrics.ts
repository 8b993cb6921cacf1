import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const prefix = 'parley_';

/** Seconds; from a NATS round trip to the longest wait of a SIP transaction. */
const latencyBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 32];

/** The metrics of one process; names get the prefix `parley_` and every sample the label `service`. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry, prefix });
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

  /** All of it in Prometheus's text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
