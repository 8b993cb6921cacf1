import { edgeIsGone } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { field, parseSipMessage, read, serialise } from '@parley/sip';
import type { Event, SipRequest } from '@parley/sip';
import { responseImpact } from '@parley/sip-stack';
import type { Reach } from '../subscription/subscription.ts';

/** Milliseconds for a request to a device: timer F of RFC 3261 §17.1.2.2, and a little for the bus. */
const patience = 35_000;

/**
 * What became of a NOTIFY: `taken`; `complained` when it was not taken but the subscription goes on; `over` when the
 * subscription ended by it; `failed` when NATS is away and nothing is known.
 */
export interface Notified {
  readonly outcome: 'taken' | 'complained' | 'over' | 'failed';
  /** Event of a 2xx, by which a subscriber changes the rates that it wants. @spec RFC 6446 §9.3 */
  readonly event?: Event | undefined;
}

/** Sends NOTIFYs over the flows of edges. */
export class EdgeClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /** Whether an edge has ended, and its transactions with it. */
  isGone(edgeInstance: string): Promise<boolean> {
    return edgeIsGone(this.bus, this.clock, edgeInstance);
  }

  /**
   * Sends one and waits for its final response. An edge or flow that is gone, and a device that says nothing for as long as
   * timer F runs, end the subscription as a response of theirs would.
   *
   * @spec RFC 6665 §4.2.2, RFC 5057 §5.1
   */
  async notify({ edgeInstance, flow }: Reach, request: SipRequest): Promise<Notified> {
    const command = {
      commandId: randomToken(this.random, 16),
      flow,
      request: serialise(request, nodeBytes),
      timeoutMs: 0,
    };
    const subject = instanceSubject('edge', edgeInstance, 'egress');
    const reply = await this.bus.request(subject, rpc.egress, command, { deadline: this.clock.now() + patience });
    if (!reply.ok) {
      const isAway = reply.error.reason === 'disconnected' || reply.error.reason === 'closed';
      return { outcome: isAway ? 'failed' : 'over' };
    }
    const { outcome } = reply.value;
    return outcome?.kind === 'response' ? notifiedBy(outcome.value) : { outcome: 'over' };
  }
}

/** What a final response to a NOTIFY does to its subscription. @spec RFC 6665 §4.2.2 */
export function notifiedBy(bytes: Uint8Array): Notified {
  const response = parseSipMessage(bytes, { codec: nodeBytes });
  if (!response.ok || response.value.kind !== 'response') return { outcome: 'over' };
  const { statusCode } = response.value;
  if (statusCode >= 300) return { outcome: responseImpact(statusCode) === 'transaction' ? 'complained' : 'over' };
  const event = read(response.value, field.event);
  return { outcome: 'taken', event: event.ok ? event.value : undefined };
}
