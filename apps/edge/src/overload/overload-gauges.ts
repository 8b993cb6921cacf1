import type { Metrics } from '@parley/service';
import { Gauge } from 'prom-client';
import type { Overload } from './overload.ts';

/** Shows how overloaded the edge is. */
export function exposeOverload({ registry }: Metrics, overload: Pick<Overload, 'current'>): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };
  gauge(
    'parley_overload_level',
    '0 none; to 1 deferrable requests, to 2 messages, above other ones are given up',
    () => {
      return overload.current.level;
    },
  );
  gauge('parley_overload_delay_seconds', 'time that a request waits to be taken', () => overload.current.delay / 1000);
}
