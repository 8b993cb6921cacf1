import type { Clock, Random } from '@parley/prelude';
import type { EdgeSettings } from '../settings.ts';
import { LoadWatch } from './load-watch.ts';
import type { LoadWatchOptions } from './load-watch.ts';
import { Overload } from './overload.ts';
import { UdpProbe } from './udp-probe.ts';

/** Requests that may wait for others at a time: half of what the transactions have room for. */
const mostWaiting = 200_000;

/** What a sensor is built from. */
export interface OverloadSensorOptions {
  readonly settings: Pick<EdgeSettings, 'limits' | 'host'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** What knows how long that waits which comes over it, see {@link LoadWatchOptions}. */
export interface Listeners {
  readonly udp: Pick<LoadWatchOptions, 'fill' | 'letIn'>;
  readonly tcp: { readonly delay: LoadWatchOptions['inStreams'] };
}

/** The overload control of an edge, and what it measures with. */
export class OverloadSensor implements Disposable {
  readonly control: Overload;
  readonly probe: UdpProbe;
  private readonly options: OverloadSensorOptions;
  private watching: LoadWatch | undefined;
  private thrownAway = 0;

  constructor(options: OverloadSensorOptions) {
    const { settings, clock, random } = options;
    this.options = options;
    this.control = new Overload({ clock, random, target: settings.limits.overloadDelay });
    this.probe = new UdpProbe(() => clock.now());
  }

  /** A message was over the limits of its sender. */
  overLimit(): void {
    this.thrownAway++;
  }

  /**
   * Begins to measure, once the edge listens.
   *
   * @param waiting - requests that wait for others
   */
  watch(port: number, waiting: () => number, { udp, tcp }: Listeners): void {
    const { settings, clock } = this.options;
    const { overloadDelay: delay } = settings.limits;
    if (delay === 0) return;
    const target = { host: settings.host, port };
    this.watching = new LoadWatch({
      clock,
      overload: this.control,
      probe: this.probe,
      target,
      idle: () => performance.eventLoopUtilization().idle,
      inStreams: () => tcp.delay(),
      fill: () => udp.fill(),
      letIn: (part) => udp.letIn(part),
      delay,
      waiting,
      mostWaiting,
      thrownAway: () => {
        const count = this.thrownAway;
        this.thrownAway = 0;
        return count;
      },
    });
  }

  [Symbol.dispose](): void {
    this.watching?.[Symbol.dispose]();
    this.probe[Symbol.dispose]();
  }
}
