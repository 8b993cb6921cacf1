import type { common } from '@parley/contracts';
import { serviceNames } from '@parley/contracts';
import type { Metrics } from '@parley/service';
import { AggregatorRegistry } from 'prom-client';
import type { Census } from '../adapters/census.ts';
import type { ConsoleEvents } from '../events.ts';
import type { Reply } from '../http/reply.ts';

/** What {@link ClusterMetrics} is made of. */
export interface ClusterMetricsOptions {
  readonly metrics: Metrics;
  readonly census: Census;
  /** Name of this process, whose own answer is not needed. */
  readonly instance: string;
  readonly events: ConsoleEvents;
}

/** Metrics of all processes as one page for Prometheus: equal samples of several processes are added up. */
export class ClusterMetrics {
  readonly #options: ClusterMetricsOptions;
  #running: readonly common.InstanceStatus[] = [];

  constructor(options: ClusterMetricsOptions) {
    this.#options = options;
    const help = 'processes that answered the last census';
    options.metrics.gauge('instances', help, ['name', 'ready'], (gauge) => {
      gauge.reset();
      for (const name of serviceNames) gauge.set({ name, ready: 'true' }, 0);
      for (const { service, ready } of this.#running) gauge.inc({ name: service, ready: String(ready) });
    });
  }

  async reply(): Promise<Reply> {
    const { metrics, census, instance } = this.#options;
    const answers = await census.withMetrics();
    this.#running = answers.ok ? answers.value : [];
    const others = this.#running.filter((status) => status.instance !== instance).flatMap((one) => this.#read(one));
    const all = [await metrics.registry.getMetricsAsJSON(), ...others];
    const body = await AggregatorRegistry.aggregate(all).metrics();
    return { status: 200, headers: { 'content-type': metrics.registry.contentType }, body };
  }

  /** Metrics of one process, or nothing where they cannot be added to the others. */
  #read({ metrics, instance }: common.InstanceStatus): readonly object[] {
    try {
      const read: unknown = JSON.parse(Buffer.from(metrics).toString('utf8'));
      if (!Array.isArray(read)) throw new TypeError('expected a list of metrics');
      AggregatorRegistry.aggregate([read]);
      return [read];
    } catch {
      this.#options.events.metricsUnreadable(instance);
      return [];
    }
  }
}
