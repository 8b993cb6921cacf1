import type { Bus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { noBytes } from '@parley/prelude';

/** Milliseconds in which an edge that lives has answered. */
const probePatience = 750;
/** Milliseconds for which an answer is believed. */
const memory = 5_000;

interface Probe {
  readonly until: number;
  readonly alive: Promise<boolean>;
}

/**
 * Which other edges live: what waits for a dead one waits in vain, so it is asked first, once for all that want to know.
 * An edge may come back under its old name before an answer is forgotten; {@link hears} tells.
 */
export class PeerEdges {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly probes = new Map<string, Probe>();

  constructor(bus: Bus, clock: Clock) {
    this.bus = bus;
    this.clock = clock;
  }

  isAlive(instance: string): Promise<boolean> {
    const now = this.clock.now();
    const known = this.probes.get(instance);
    if (known !== undefined && known.until > now) return known.alive;
    const alive = this.probe(instance, now);
    this.probes.set(instance, { until: now + memory, alive });
    return alive;
  }

  /** A sign of life: whatever was found out before is not believed any more. */
  hears(instance: string): void {
    this.probes.delete(instance);
  }

  /** An empty request cannot be sent to anybody; any answer to it is a sign of life. */
  private async probe(instance: string, now: number): Promise<boolean> {
    const command = { commandId: '', flow: '', request: noBytes, timeoutMs: 1 };
    const subject = instanceSubject('edge', instance, 'egress');
    const reply = await this.bus.request(subject, rpc.egress, command, { deadline: now + probePatience });
    return reply.ok || (reply.error.reason !== 'no-responder' && reply.error.reason !== 'disconnected');
  }
}
