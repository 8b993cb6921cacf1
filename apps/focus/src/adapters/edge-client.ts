import { edgeIsGone } from '@parley/bus';
import type { Bus, BusFailure } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random, Result } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage, serialise } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { Device, RecordRoute } from '../room/call-out.ts';
import type { Reach } from '../room/participant.ts';
import { fromTagOf, sequenceOf } from '../sip/identifiers.ts';

/** Milliseconds for a request to a device: timer F of RFC 3261 §17.1.2.2, and a little for the bus. */
const patience = 35_000;

/** Milliseconds that a device has for the answer to an offer within its dialog: what is moved has to be bound in 10 s. */
const answerTime = 8_000;

/** Milliseconds that a device may ring. */
const ringTime = 60_000;

/** A call that rings. */
export interface PendingCall {
  /** The final response; undefined: there was none. */
  readonly response: Promise<SipResponse | undefined>;
  /** Stops the ringing. @spec RFC 3261 §9.1 */
  cancel(): void;
}

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

  /** Asks a device in its dialog, once however often it is asked for; undefined: it did not answer. */
  async ask({ edgeInstance, flow }: Reach, request: SipRequest): Promise<SipResponse | undefined> {
    // Our tag is nobody else's, nor is the number within its dialog.
    const commandId = `${fromTagOf(request)} ${sequenceOf(request)}`;
    const command = { ...this.command(flow, request), commandId, timeoutMs: answerTime };
    return await this.responseTo(edgeInstance, command, answerTime);
  }

  /** Sends a NOTIFY and waits for as long as its transaction lasts; undefined: nobody answered. */
  async notify({ edgeInstance, flow }: Reach, request: SipRequest): Promise<SipResponse | undefined> {
    return await this.responseTo(edgeInstance, this.command(flow, request), 0);
  }

  /** Calls a device, until it answers or the call is cancelled. */
  invite(
    { reach, recordRoute, path }: Pick<Device, 'reach' | 'recordRoute' | 'path'>,
    request: SipRequest,
  ): PendingCall {
    const { edgeInstance, flow } = reach;
    const recorded = path.length > 0 ? {} : recordOf(recordRoute);
    const command = { ...this.command(flow, request), timeoutMs: ringTime, ...recorded };
    const cancel = { ...command, request: new Uint8Array(), cancel: true };
    return {
      response: this.responseTo(edgeInstance, command, ringTime),
      cancel: () => void this.egress(edgeInstance, cancel, patience),
    };
  }

  /** Whether an edge has ended, and its transactions with it. */
  isGone(edgeInstance: string): Promise<boolean> {
    return edgeIsGone(this.bus, this.clock, edgeInstance);
  }

  /** Whether the edge took it; what the device answers to a BYE ends nothing that has not ended. */
  async send({ edgeInstance, flow }: Reach, request: SipRequest): Promise<boolean> {
    const reply = await this.egress(edgeInstance, this.command(flow, request), patience);
    return reply.ok && (reply.value.outcome?.kind === 'response' || request.method === 'ACK');
  }

  private async responseTo(
    edgeInstance: string,
    command: edge.EgressCommand,
    within: number,
  ): Promise<SipResponse | undefined> {
    const reply = await this.egress(edgeInstance, command, within + patience);
    const outcome = reply.ok ? reply.value.outcome : undefined;
    if (outcome?.kind !== 'response') return undefined;
    const message = parseSipMessage(outcome.value.slice(), { codec: nodeBytes });
    return message.ok && message.value.kind === 'response' ? message.value : undefined;
  }

  private command(flow: string, request: SipRequest): edge.EgressCommand {
    return { commandId: randomToken(this.random, 16), flow, request: serialise(request, nodeBytes), timeoutMs: 0 };
  }

  private egress(
    edgeInstance: string,
    command: edge.EgressCommand,
    within: number,
  ): Promise<Result<edge.EgressReply, BusFailure>> {
    const subject = instanceSubject('edge', edgeInstance, 'egress');
    return this.bus.request(subject, rpc.egress, command, { deadline: this.clock.now() + within });
  }
}

/** As a command has it: absent for none, empty for the flow that is taken. */
function recordOf(recordRoute: RecordRoute): Pick<edge.EgressCommand, 'record'> {
  switch (recordRoute.kind) {
    case 'none':
      return {};
    case 'of-flow-taken':
      return { record: '' };
    case 'of-token':
      return { record: recordRoute.token };
  }
}
