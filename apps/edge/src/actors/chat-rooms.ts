import type { Bus, BusFailure } from '@parley/bus';
import type { common, focus, notification } from '@parley/contracts';
import { rpc, shardSubject } from '@parley/contracts';
import { shardOf } from '@parley/actor';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse } from '@parley/sip';
import {
  createResponseTo,
  escapeUser,
  field,
  parseSipMessage,
  parseUri,
  read,
  readRaw,
  serialise,
  unescapeUri,
  withRawField,
  withTop,
} from '@parley/sip';
import type { Challenger, Flow, ServerTransaction } from '@parley/sip-stack';
import { byeRequest, createUacDialog } from '@parley/sip-stack';
import { refusalFromWire } from '../adapters/refusal-wire.ts';
import type { Account } from '../accounts/account.ts';
import type { Destination } from '../addresses/destination.ts';
import { roomEvents, roomMethods } from '../checks/methods.ts';
import { rejectRoomRequest } from '../checks/check-room-request.ts';
import type { EdgeEvents } from '../events.ts';
import { flowNameOf } from '../flows/flow-name.ts';
import type { FlowTable } from '../flows/flow-table.ts';
import type { FlowTokens } from '../flows/flow-token.ts';
import type { OwnUris } from '../flows/own-uris.ts';
import { isInDialog, makesDialog } from '../routing/dialog-requests.ts';
import { rawRecordRoute } from '../routing/raw-route.ts';
import { Acknowledgements } from './acknowledgements.ts';
import type { Responder } from './responder.ts';

/** Whom of the chat domain a request is for. */
export type ChatDestination = Extract<Destination, { kind: 'room' | 'factory' | 'chat-server' }>;

/** What the rooms' door is built from. */
export interface ChatRoomsOptions {
  readonly instance: string;
  readonly domain: string;
  readonly chatDomain: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly responder: Responder;
  readonly flows: FlowTable;
  readonly tokens: FlowTokens;
  readonly uris: OwnUris;
  /** Whose request it is; undefined when it was challenged or refused. */
  readonly admit: (transaction: ServerTransaction, request: SipRequest, challenger: Challenger) => Account | undefined;
  readonly events: EdgeEvents;
}

/** How long a service may take to answer, in milliseconds; its shard may just be moving. */
const patience = 8_000;

/** Passes requests of the chat domain to the services that are their UAS, and completes their transactions. */
export class ChatRooms implements Disposable {
  private readonly options: ChatRoomsOptions;
  private readonly acknowledgements: Acknowledgements;
  /** INVITEs that a focus has not answered, and whether their client gave up. */
  private readonly pending = new Map<ServerTransaction, { cancelled: boolean }>();

  constructor(options: ChatRoomsOptions) {
    this.options = options;
    this.acknowledgements = new Acknowledgements(options.clock, options.responder, (request, response) => {
      this.reportUnacknowledged(request, response);
    });
  }

  /** Requests that wait for a service. */
  get size(): number {
    return this.pending.size;
  }

  /** Takes a request that every UAS would take. */
  take(transaction: ServerTransaction, request: SipRequest, destination: ChatDestination): void {
    const { responder } = this.options;
    const rejection = rejectRoomRequest(request, destination.kind);
    if (rejection !== undefined) {
      responder.reply(transaction, rejection.status, rejection.phrase, rejection.fields);
    } else if (destination.kind === 'chat-server') {
      responder.reply(transaction, 200, undefined, [
        ['Allow', roomMethods],
        ['Allow-Events', roomEvents],
      ]);
    } else this.admitAndPass(transaction, request, destination);
  }

  /** The ACK of a 2xx: stops its repetition, and the focus may want to know. @spec RFC 3261 §13.3.1.4 */
  acknowledged(ack: SipRequest, flow: Flow): void {
    this.acknowledgements.acknowledge(ack);
    const { request } = this.recorded(ack, flow);
    void this.askFocus(roomOf(request, this.options.chatDomain), request, '', flow);
  }

  /** A CANCEL for an INVITE that may still be open. @spec RFC 3261 §9.2 */
  cancelled(transaction: ServerTransaction): void {
    const waiting = this.pending.get(transaction);
    if (waiting === undefined || waiting.cancelled) return;
    waiting.cancelled = true;
    this.options.responder.reply(transaction, 487);
  }

  [Symbol.dispose](): void {
    this.acknowledgements[Symbol.dispose]();
  }

  /** In a dialog its tags prove who it is; outside, digest does. */
  private admitAndPass(
    transaction: ServerTransaction,
    request: SipRequest,
    destination: Exclude<ChatDestination, { kind: 'chat-server' }>,
  ): void {
    const { domain, responder, admit } = this.options;
    const account = isInDialog(request) ? 'dialog' : admit(transaction, request, 'uas');
    if (account === undefined) return;
    if (request.method === 'MESSAGE') {
      responder.refuse(transaction, noPageMode);
      return;
    }
    const identity = account === 'dialog' ? '' : `sip:${account.name}@${domain}`;
    const room = destination.kind === 'room' ? destination.uri : `sip:factory@${this.options.chatDomain}`;
    const { request: recorded } = this.recorded(request, transaction.flow);
    const passed =
      request.method === 'SUBSCRIBE'
        ? this.subscribe(transaction, recorded, room, identity)
        : this.pass(transaction, recorded, room, identity);
    passed.catch((error: unknown) => {
      this.options.events.fault(request.method, error);
      responder.reply(transaction, 500);
    });
  }

  /** The request with our Record-Route on top where it makes a dialog, or refreshes its target. @spec RFC 3261 §16.6 (4) */
  private recorded(request: SipRequest, flow: Flow): { readonly request: SipRequest } {
    const { flows, tokens, uris } = this.options;
    flows.keep(flow);
    if (!makesDialog(request)) return { request };
    const token = tokens.seal({ caller: flowNameOf(flow), callee: '' });
    return { request: withTop(request, rawRecordRoute, uris.route(token, flow.protocol)) };
  }

  private async pass(
    transaction: ServerTransaction,
    request: SipRequest,
    room: string,
    identity: string,
  ): Promise<void> {
    const invite = request.method === 'INVITE';
    const waiting = { cancelled: false };
    this.pending.set(transaction, waiting);
    if (invite) this.options.responder.send(transaction, createResponseTo(transaction.request, 100));
    const reply = await this.askFocus(room, request, identity, transaction.flow);
    this.pending.delete(transaction);
    if (!reply.ok) this.options.events.roomUnreachable(room, reply.error);
    const answer = responseIn(reply.ok ? reply.value.outcome : undefined);
    if (waiting.cancelled) this.endLate(room, request, answer, transaction.flow);
    else this.finish(transaction, request, answer);
  }

  private async subscribe(
    transaction: ServerTransaction,
    request: SipRequest,
    room: string,
    identity: string,
  ): Promise<void> {
    const { bus, clock, events } = this.options;
    const callId = readRaw(request, 'Call-ID') ?? '';
    const command: notification.NotificationCommand = {
      commandId: commandIdOf(request),
      callId,
      command: { kind: 'subscribe', value: { room, sip: this.ingress(request, identity, transaction.flow) } },
    };
    const subject = shardSubject('notification', shardOf(callId));
    const reply = await bus.request(subject, rpc.notification, command, { deadline: clock.now() + patience });
    if (!reply.ok) events.roomUnreachable(room, reply.error);
    this.finish(transaction, request, responseIn(reply.ok ? reply.value.outcome : undefined));
  }

  private finish(transaction: ServerTransaction, request: SipRequest, answer: Answer): void {
    const { responder } = this.options;
    switch (answer.kind) {
      case 'response':
        responder.send(transaction, answer.response);
        if (request.method === 'INVITE' && isSuccess(answer.response)) {
          this.acknowledgements.expect(transaction, answer.response);
        }
        return;
      case 'refusal':
        responder.refuse(transaction, answer.refusal);
        return;
      case 'nobody':
        responder.reply(transaction, 503, undefined, [['Retry-After', '5']]);
    }
  }

  /** The focus let somebody in who has left already: it is told so by a BYE in that dialog. */
  private endLate(room: string, invite: SipRequest, answer: Answer, flow: Flow): void {
    if (answer.kind !== 'response' || !isSuccess(answer.response)) return;
    const dialog = createUacDialog(invite, answer.response);
    if (!dialog.ok) return;
    const [bye] = byeRequest(dialog.value);
    void this.askFocus(room, withRawField(bye, 'Via', lateVia(invite)), '', flow);
  }

  private reportUnacknowledged(request: SipRequest, response: SipResponse): void {
    const from = read(request, field.from);
    const to = read(response, field.to);
    const callId = readRaw(request, 'Call-ID') ?? '';
    const room = roomOf(request, this.options.chatDomain);
    const value: focus.AckTimedOut = {
      callId,
      localTag: (to.ok ? to.value?.tag : undefined) ?? '',
      remoteTag: (from.ok ? from.value?.tag : undefined) ?? '',
    };
    void this.command(room, {
      commandId: `${commandIdOf(request)} ack`,
      room,
      command: { kind: 'ackTimedOut', value },
    });
  }

  private askFocus(
    room: string,
    request: SipRequest,
    identity: string,
    flow: Flow,
  ): Promise<Result<focus.FocusReply, BusFailure>> {
    const value = this.ingress(request, identity, flow);
    return this.command(room, { commandId: commandIdOf(request), room, command: { kind: 'sip', value } });
  }

  private command(room: string, command: focus.FocusCommand): Promise<Result<focus.FocusReply, BusFailure>> {
    const { bus, clock } = this.options;
    const subject = shardSubject('focus', shardOf(room));
    return bus.request(subject, rpc.focus, command, { deadline: clock.now() + patience });
  }

  private ingress(request: SipRequest, identity: string, flow: Flow): common.SipIngress {
    return {
      request: serialise(request, nodeBytes),
      identity,
      edgeInstance: this.options.instance,
      flow: flowNameOf(flow),
      transport: flow.protocol,
      sourceAddress: flow.remote.address,
      sourcePort: flow.remote.port,
    };
  }
}

/** What a service said to a request. */
type Answer =
  | { readonly kind: 'response'; readonly response: SipResponse }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'nobody' };

function responseIn(outcome: focus.FocusReplyOutcome | notification.NotificationReplyOutcome | undefined): Answer {
  if (outcome?.kind === 'refusal') return { kind: 'refusal', refusal: refusalFromWire(outcome.value) };
  if (outcome?.kind !== 'sip') return { kind: 'nobody' };
  const parsed = parseSipMessage(outcome.value.response, { codec: nodeBytes });
  return parsed.ok && parsed.value.kind === 'response'
    ? { kind: 'response', response: parsed.value }
    : { kind: 'nobody' };
}

function isSuccess({ statusCode }: SipResponse): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** The same request has the same id however often it is asked. */
function commandIdOf(request: SipRequest): string {
  const from = read(request, field.from);
  const tag = (from.ok ? from.value?.tag : undefined) ?? '';
  const via = read(request, field.via);
  const branch = (via.ok ? via.value?.branch : undefined) ?? '';
  return `${readRaw(request, 'Call-ID') ?? ''} ${readRaw(request, 'CSeq') ?? ''} ${tag} ${branch}`;
}

/** Conference URI that a request names. */
function roomOf(request: SipRequest, chatDomain: string): string {
  const uri = parseUri(request.requestUri);
  const user = uri.ok && uri.value.kind === 'sip' ? unescapeUri(uri.value.user ?? '') : '';
  return `sip:${escapeUser(user)}@${chatDomain}`;
}

/** Via of a BYE that stands for the client of this INVITE. */
function lateVia(invite: SipRequest): string {
  return (readRaw(invite, 'Via') ?? '').replace(/branch=([^;,\s]+)/, 'branch=$1.late');
}

const noPageMode = refusal(403, 'Forbidden', 'a room is joined with INVITE and takes messages over MSRP, not MESSAGE');
