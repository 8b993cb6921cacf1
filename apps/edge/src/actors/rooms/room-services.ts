import type { Bus, BusFailure } from '@parley/bus';
import { askOwner } from '@parley/bus';
import type { common, focus, notification } from '@parley/contracts';
import { rpc } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse } from '@parley/sip';
import { field, parseSipMessage, read, readRaw, serialise } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { refusalFromWire } from '../../adapters/refusal-wire.ts';
import type { EdgeEvents } from '../../events.ts';
import { flowNameOf } from '../../flows/flow-name.ts';
import type { EdgeSettings } from '../../settings.ts';

/** What a service said to a request. */
export type ServiceAnswer =
  | { readonly kind: 'response'; readonly response: SipResponse }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  /** Nobody answered, or nothing that can be read. */
  | { readonly kind: 'nobody' };

/** A request for a room, as its service gets it. */
export interface RoomRequest {
  /** Conference URI. */
  readonly room: string;
  /** With our Record-Route on top. */
  readonly request: SipRequest;
  /** Address-of-record that was authenticated; empty within a dialog. */
  readonly identity: string;
  /** Temporary GRUU that it is to be known by; undefined for none. */
  readonly alias?: string | undefined;
  readonly flow: Flow;
}

/** What the door to the services is built from. */
export interface RoomServicesOptions {
  readonly instance: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly events: EdgeEvents;
  /** Milliseconds that a shard stays with a service that was killed. */
  readonly settings: Pick<EdgeSettings, 'lease'>;
}

/**
 * Milliseconds that a service has for its answer: a lease, the taking over behind it, and the work. Not less than a busy
 * focus may need, and not so much that the client has given up (Timer F, 32 s).
 *
 * @spec RFC 3261 §17.1.2.2, RFC 4320 §4.2 (an answer behind Timer F is none)
 */
function patienceFor(lease: number): number {
  return Math.min(Math.max(lease + 3_000, 8_000), 30_000);
}

/** The services behind the chat domain, as an edge asks them: each request has one id, however often it is asked. */
export class RoomServices {
  private readonly options: RoomServicesOptions;

  constructor(options: RoomServicesOptions) {
    this.options = options;
  }

  /** Asks the focus of a room. */
  async askFocus(asked: RoomRequest): Promise<ServiceAnswer> {
    const { room, request } = asked;
    const value = this.ingress(asked);
    const reply = await this.command(room, { commandId: commandIdOf(request), room, command: { kind: 'sip', value } });
    return this.answerIn(room, reply);
  }

  /** Asks the notification service. */
  async subscribe(asked: RoomRequest): Promise<ServiceAnswer> {
    const { bus } = this.options;
    const { room, request } = asked;
    const callId = readRaw(request, 'Call-ID') ?? '';
    const sip = this.ingress(asked);
    const command = { kind: 'subscribe', value: { room, sip } } as const;
    const message: notification.NotificationCommand = { commandId: commandIdOf(request), callId, command };
    const reply = await askOwner(bus, 'notification', callId, rpc.notification, message, this.deadline());
    return this.answerIn(room, reply);
  }

  /** Tells the focus that nobody acknowledged its 2xx. @spec RFC 3261 §13.3.1.4 */
  async reportUnacknowledged(room: string, invite: SipRequest, response: SipResponse): Promise<void> {
    const from = read(invite, field.from);
    const to = read(response, field.to);
    const value: focus.AckTimedOut = {
      callId: readRaw(invite, 'Call-ID') ?? '',
      localTag: (to.ok ? to.value?.tag : undefined) ?? '',
      remoteTag: (from.ok ? from.value?.tag : undefined) ?? '',
    };
    const commandId = `${commandIdOf(invite)} ack`;
    await this.command(room, { commandId, room, command: { kind: 'ackTimedOut', value } });
  }

  private command(room: string, command: focus.FocusCommand): Promise<Result<focus.FocusReply, BusFailure>> {
    return askOwner(this.options.bus, 'focus', room, rpc.focus, command, this.deadline());
  }

  private deadline(): { readonly deadline: number } {
    return { deadline: this.options.clock.now() + patienceFor(this.options.settings.lease) };
  }

  private ingress({ request, identity, alias, flow }: RoomRequest): common.SipIngress {
    return {
      request: serialise(request, nodeBytes),
      identity,
      alias,
      edgeInstance: this.options.instance,
      flow: flowNameOf(flow),
      transport: flow.protocol,
      sourceAddress: flow.remote.address,
      sourcePort: flow.remote.port,
    };
  }

  private answerIn(
    room: string,
    reply: Result<focus.FocusReply | notification.NotificationReply, BusFailure>,
  ): ServiceAnswer {
    if (!reply.ok) this.options.events.roomUnreachable(room, reply.error);
    const outcome = reply.ok ? reply.value.outcome : undefined;
    if (outcome?.kind === 'refusal') return { kind: 'refusal', refusal: refusalFromWire(outcome.value) };
    if (outcome?.kind !== 'sip') return { kind: 'nobody' };
    const parsed = parseSipMessage(outcome.value.response, { codec: nodeBytes });
    const isResponse = parsed.ok && parsed.value.kind === 'response';
    return isResponse ? { kind: 'response', response: parsed.value } : { kind: 'nobody' };
  }
}

/** The same request has the same id however often it is asked. */
function commandIdOf(request: SipRequest): string {
  const from = read(request, field.from);
  const tag = (from.ok ? from.value?.tag : undefined) ?? '';
  const via = read(request, field.via);
  const branch = (via.ok ? via.value?.branch : undefined) ?? '';
  return `${readRaw(request, 'Call-ID') ?? ''} ${readRaw(request, 'CSeq') ?? ''} ${tag} ${branch}`;
}
