import type { Bus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { responseImpact } from '@parley/sip-stack';
import type { Reach } from '../subscription/subscription.ts';

/** Milliseconds for a request to a device: timer F of RFC 3261 §17.1.2.2, and a little for the bus. */
const patience = 35_000;

/**
 * What became of a NOTIFY: `taken` by a subscriber that may have complained but keeps its subscription, `over` when the
 * subscription ended by it, `failed` when NATS is away and nothing is known.
 */
export type Notified = 'taken' | 'over' | 'failed';

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
    if (!reply.ok) return reply.error.reason === 'disconnected' || reply.error.reason === 'closed' ? 'failed' : 'over';
    const { outcome } = reply.value;
    if (outcome?.kind !== 'response') return 'over';
    const response = parseSipMessage(outcome.value, { codec: nodeBytes });
    if (!response.ok || response.value.kind !== 'response') return 'over';
    return responseImpact(response.value.statusCode) === 'transaction' ? 'taken' : 'over';
  }
}
