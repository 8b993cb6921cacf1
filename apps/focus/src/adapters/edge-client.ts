import type { Bus } from '@parley/bus';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Reach } from '../room/participant.ts';

/** Milliseconds for a request to a device: timer F of RFC 3261 §17.1.2.2, and a little for the bus. */
const patience = 35_000;

/** Sends requests of the focus over the flows of edges. */
export class EdgeClient {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly random: Random;

  constructor(bus: Bus, clock: Clock, random: Random) {
    this.bus = bus;
    this.clock = clock;
    this.random = random;
  }

  /** Whether the edge took it; what the device answers to a BYE ends nothing that has not ended. */
  async send({ edgeInstance, flow }: Reach, request: SipRequest): Promise<boolean> {
    const command = {
      commandId: randomToken(this.random, 16),
      flow,
      request: serialise(request, nodeBytes),
      timeoutMs: 0,
    };
    const subject = instanceSubject('edge', edgeInstance, 'egress');
    const reply = await this.bus.request(subject, rpc.egress, command, { deadline: this.clock.now() + patience });
    return reply.ok && reply.value.outcome?.kind === 'response';
  }
}
