import type { Clock } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo, escapeUser, parseUri, readRaw, unescapeUri, withRawField, withTop } from '@parley/sip';
import type { Flow, ServerTransaction } from '@parley/sip-stack';
import { byeRequest, createUacDialog } from '@parley/sip-stack';
import type { Destination } from '../../addresses/destination.ts';
import { rejectRoomRequest } from '../../checks/check-room-request.ts';
import { roomEvents, roomMethods } from '../../checks/methods.ts';
import type { EdgeEvents } from '../../events.ts';
import { flowNameOf } from '../../flows/flow-name.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import type { FlowTokens } from '../../flows/flow-token.ts';
import type { OwnUris } from '../../flows/own-uris.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import { isInDialog, makesDialog } from '../../routing/dialog-requests.ts';
import { rawRecordRoute } from '../../routing/raw-route.ts';
import { Acknowledgements } from './acknowledgements.ts';
import type { Doorkeeper } from '../entry/doorkeeper.ts';
import type { Responder } from '../entry/responder.ts';
import type { RoomRequest, RoomServices, ServiceAnswer } from './room-services.ts';

/** Whom of the chat domain a request is for. */
export type ChatDestination = Extract<Destination, { kind: 'room' | 'factory' | 'chat-server' }>;

/** What the rooms' door is built from. */
export interface ChatRoomsOptions {
  readonly domain: string;
  readonly chatDomain: string;
  readonly clock: Clock;
  readonly services: RoomServices;
  readonly responder: Responder;
  readonly doorkeeper: Doorkeeper;
  readonly gruus: Pick<Gruus, 'aliasOf'>;
  readonly flows: FlowTable;
  readonly tokens: FlowTokens;
  readonly uris: OwnUris;
  readonly events: EdgeEvents;
}

/** Passes requests of the chat domain to the services that are their UAS, and completes their transactions. */
export class ChatRooms implements Disposable {
  private readonly options: ChatRoomsOptions;
  private readonly acknowledgements: Acknowledgements;
  /** Requests that no service has answered, and whether their client gave up. */
  private readonly pending = new Map<ServerTransaction, { cancelled: boolean }>();

  constructor(options: ChatRoomsOptions) {
    this.options = options;
    const { clock, responder, services, chatDomain } = options;
    this.acknowledgements = new Acknowledgements(clock, responder, (invite, response) => {
      void services.reportUnacknowledged(roomOf(invite, chatDomain), invite, response);
    });
  }

  /** Requests that wait for a service. */
  get size(): number {
    return this.pending.size;
  }

  /**
   * Takes a request that every UAS would take.
   *
   * @param isRecorded - whether it goes the way that we recorded for its dialog
   */
  take(transaction: ServerTransaction, request: SipRequest, destination: ChatDestination, isRecorded: boolean): void {
    const { responder } = this.options;
    const rejection = rejectRoomRequest(request, destination.kind);
    if (rejection !== undefined) {
      responder.reply(transaction, rejection.status, rejection.phrase, rejection.fields);
    } else if (destination.kind === 'chat-server') responder.reply(transaction, 200, undefined, capabilities);
    else this.admitAndPass(transaction, request, destination, isRecorded);
  }

  /**
   * The ACK of a 2xx: stops its repetition. Where the offer stood in the INVITE it says nothing else; the answer to an offer
   * in the 2xx is for the focus. Of an ACK to nothing nobody wants to know.
   *
   * @spec RFC 3261 §13.3.1.4, §13.2.1
   */
  acknowledged(ack: SipRequest, flow: Flow, isRecorded: boolean): void {
    const { services, chatDomain } = this.options;
    const invite = this.acknowledgements.acknowledge(ack);
    if (invite !== undefined && invite.body.length > 0 && ack.body.length === 0) return;
    if (invite !== undefined || isRecorded)
      void services.askFocus({ room: roomOf(ack, chatDomain), request: ack, identity: '', flow });
  }

  /**
   * A CANCEL for an INVITE that may still be open. A re-INVITE is answered in a moment, and what it asks for may be done
   * already: its own answer says so, where 487 would have both sides believe different things of the session.
   *
   * @spec RFC 3261 §9.2, §14.1
   */
  cancelled(transaction: ServerTransaction): void {
    const waiting = this.pending.get(transaction);
    if (waiting === undefined || waiting.cancelled || isInDialog(transaction.request)) return;
    waiting.cancelled = true;
    this.options.responder.reply(transaction, 487);
  }

  [Symbol.dispose](): void {
    this.acknowledgements[Symbol.dispose]();
  }

  /**
   * In a dialog its tags prove who it is, to the focus. So that strangers cannot make us ask the focus, it has to come the
   * way that we recorded, or over a flow whose account is known; else it is challenged as outside of dialogs.
   */
  private admitAndPass(
    transaction: ServerTransaction,
    request: SipRequest,
    destination: Exclude<ChatDestination, { kind: 'chat-server' }>,
    isRecorded: boolean,
  ): void {
    const { domain, chatDomain, responder, doorkeeper, gruus } = this.options;
    const isWithin = isInDialog(request);
    const isKnown = isWithin && (isRecorded || doorkeeper.knows(transaction.flow));
    const admitted = isKnown ? 'dialog' : doorkeeper.admit(transaction, request, 'uas');
    if (admitted === undefined) return;
    const account = isWithin ? 'dialog' : admitted;
    if (request.method === 'MESSAGE') {
      responder.refuse(transaction, noPageMode);
      return;
    }
    const { flow } = transaction;
    this.passOrFail(transaction, {
      room: destination.kind === 'room' ? destination.uri : `sip:factory@${chatDomain}`,
      request: this.recorded(request, flow),
      identity: account === 'dialog' ? '' : `sip:${account.name}@${domain}`,
      alias: account === 'dialog' ? undefined : gruus.aliasOf(request, account.name),
      flow,
    });
  }

  /** The request with our Record-Route on top where it makes a dialog. @spec RFC 3261 §16.6 (4) */
  private recorded(request: SipRequest, flow: Flow): SipRequest {
    const { flows, tokens, uris } = this.options;
    flows.keep(flow);
    if (!makesDialog(request)) return request;
    const token = tokens.seal({ flow: flowNameOf(flow) });
    return withTop(request, rawRecordRoute, uris.route(token, flow.protocol));
  }

  private passOrFail(transaction: ServerTransaction, passed: RoomRequest): void {
    this.pass(transaction, passed).catch((error: unknown) => {
      this.options.events.fault(passed.request.method, error);
      this.options.responder.reply(transaction, 500);
    });
  }

  private async pass(transaction: ServerTransaction, passed: RoomRequest): Promise<void> {
    const { services, responder } = this.options;
    const { method } = passed.request;
    const waiting = { cancelled: false };
    this.pending.set(transaction, waiting);
    if (method === 'INVITE') responder.send(transaction, createResponseTo(transaction.request, 100));
    const answer = await (method === 'SUBSCRIBE' ? services.subscribe(passed) : services.askFocus(passed));
    this.pending.delete(transaction);
    if (waiting.cancelled) this.endLate(passed, answer);
    else this.finish(transaction, answer);
  }

  private finish(transaction: ServerTransaction, answer: ServiceAnswer): void {
    const { responder } = this.options;
    switch (answer.kind) {
      case 'response':
        responder.send(transaction, answer.response);
        if (transaction.request.method === 'INVITE' && isSuccess(answer.response)) {
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
  private endLate({ room, request: invite, flow }: RoomRequest, answer: ServiceAnswer): void {
    if (answer.kind !== 'response' || !isSuccess(answer.response)) return;
    const dialog = createUacDialog(invite, answer.response);
    if (!dialog.ok) return;
    const [bye] = byeRequest(dialog.value);
    const request = withRawField(bye, 'Via', lateVia(invite));
    void this.options.services.askFocus({ room, request, identity: '', flow });
  }
}

function isSuccess({ statusCode }: SipResponse): boolean {
  return statusCode >= 200 && statusCode < 300;
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

const capabilities = [
  ['Allow', roomMethods],
  ['Allow-Events', roomEvents],
] as const;

const noPageMode = refusal(403, 'Forbidden', 'a room is joined with INVITE and takes messages over MSRP, not MESSAGE');
