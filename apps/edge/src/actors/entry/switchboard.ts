import { refusal } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, read, readRaw } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { TransactionLayer } from '@parley/sip-stack';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { Destination, ServedNames } from '../../addresses/destination.ts';
import { destinationOf } from '../../addresses/destination.ts';
import { rejectForwarding, rejectRegistrant, rejectRequired } from '../../checks/check-request.ts';
import { knownMethods, roomEvents, serverMethods } from '../../checks/methods.ts';
import type { Rejection } from '../../checks/rejection.ts';
import type { EdgeEvents } from '../../events.ts';
import type { StoredList } from '../../lists/stored-list.ts';
import { isAnonymous } from '../../federation/admit-foreign.ts';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { originBeyond, originOfAccount } from '../../privacy/asserted-identity.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import { isForRegistrations, registrationPackage } from '../../registration-events/wish.ts';
import { hasRoute } from '../../routing/next-hop.ts';
import type { ChatRooms } from '../rooms/chat-rooms.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import type { ForeignDoor } from './foreign-door.ts';
import { listTags } from '../lists/list-service.ts';
import type { ListService } from '../lists/list-service.ts';
import type { RegistrarDesk } from '../registrar/registrar-desk.ts';
import type { RegistrationEventsDesk } from '../registrar/registration-events-desk.ts';
import type { Responder } from './responder.ts';
import type { BeyondProxy } from '../proxy/beyond-proxy.ts';
import type { UserProxy } from '../proxy/user-proxy.ts';

/** Whom the switchboard knows. */
export interface SwitchboardOptions {
  readonly names: ServedNames;
  readonly layer: Pick<TransactionLayer, 'rejectMerged'>;
  readonly responder: Responder;
  readonly doorkeeper: Doorkeeper;
  readonly accounts: Pick<AccountBook, 'findByNumber'>;
  readonly registrar: RegistrarDesk;
  readonly watchers: Pick<RegistrationEventsDesk, 'take'>;
  readonly gruus: Pick<Gruus, 'findTarget'>;
  readonly users: Pick<UserProxy, 'forward'>;
  readonly beyond: Pick<BeyondProxy, 'forward'>;
  readonly rooms: ChatRooms;
  readonly lists: ListService;
  readonly foreign: ForeignDoor;
  /** Domain of the addresses that we vouch for. */
  readonly realm: string;
  readonly events: EdgeEvents;
}

/** Option tags that a REGISTER may require. @spec RFC 3327 §5.3, RFC 5626 §11.4, RFC 5627 §5.1, RFC 3840 §12 */
const registrarTags: ReadonlySet<string> = new Set(['path', 'outbound', 'gruu', 'pref']);

/** Option tags that rooms know; each focus looks again. @spec RFC 4028 §4, RFC 4488 §4, RFC 5366 §4 */
const roomTags: ReadonlySet<string> = new Set(['timer', 'norefersub', 'recipient-list-invite']);

/** Hands requests outside of dialogs to whom they are for. @spec RFC 3261 §8.2, §16.5 */
export class Switchboard {
  private readonly options: SwitchboardOptions;

  constructor(options: SwitchboardOptions) {
    this.options = options;
  }

  /**
   * Hands a request to whom its Request-URI names.
   *
   * @param isRecorded - whether it goes the way that we recorded for its dialog
   */
  route(transaction: ServerTransaction, request: SipRequest, destination: Destination, isRecorded = false): void {
    switch (destination.kind) {
      case 'unsupported-scheme':
        this.reject(transaction, { status: 416 });
        return;
      case 'server':
        this.atServer(transaction, request);
        return;
      case 'list':
        this.atList(transaction, request, undefined);
        return;
      case 'room':
      case 'factory':
      case 'chat-server':
        if (request.method === 'REGISTER') this.register(transaction, request, true);
        else if (this.options.gruus.findTarget(request) !== undefined) this.atUser(transaction, request, undefined);
        else if (!this.rejectAsServer(transaction, request, roomTags))
          this.options.rooms.take(transaction, request, destination, isRecorded);
        return;
      case 'user': {
        const list = this.options.lists.find(destination.name);
        if (list === undefined) this.atUser(transaction, request, destination.name);
        else this.atList(transaction, request, list);
        return;
      }
      case 'telephone':
        this.atUser(transaction, request, this.options.accounts.findByNumber(destination.number)?.name);
        return;
      case 'foreign':
        this.atForeign(transaction, request);
    }
  }

  /** For the server itself: it is the UAS. @spec RFC 3261 §8.2 */
  private atServer(transaction: ServerTransaction, request: SipRequest): void {
    const { responder } = this.options;
    if (request.method === 'REGISTER') this.register(transaction, request, false);
    else if (this.rejectAsServer(transaction, request)) return;
    else if (request.method === 'OPTIONS') responder.reply(transaction, 200, undefined, capabilities);
    else if (request.method === 'BYE' || request.method === 'NOTIFY') responder.reply(transaction, 481);
    else responder.reply(transaction, 405, undefined, [['Allow', serverMethods]]);
  }

  /** For the service that sends one message to many: its own address, or that of a stored list. @spec RFC 5365 §7 */
  private atList(transaction: ServerTransaction, request: SipRequest, list: StoredList | undefined): void {
    if (request.method === 'REGISTER') this.register(transaction, request, false);
    else if (!this.rejectAsServer(transaction, request, listTags(list)))
      this.options.lists.take(transaction, request, list);
  }

  private register(transaction: ServerTransaction, request: SipRequest, forRooms: boolean): void {
    if (this.options.layer.rejectMerged(transaction)) return;
    const rejection = rejectRequired(request, registrarTags) ?? rejectRegistrant(request);
    const account = rejection === undefined ? this.options.doorkeeper.admit(transaction, request, 'uas') : undefined;
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (account !== undefined) this.options.registrar.take(transaction, request, account, forRooms);
  }

  /** What every UAS refuses; whether it did. */
  private rejectAsServer(transaction: ServerTransaction, request: SipRequest, tags?: ReadonlySet<string>): boolean {
    if (this.options.layer.rejectMerged(transaction)) return true;
    const rejection = knownMethods.has(request.method) ? rejectRequired(request, tags) : { status: 501 };
    if (rejection !== undefined) this.reject(transaction, rejection);
    return rejection !== undefined;
  }

  private atUser(transaction: ServerTransaction, request: SipRequest, name: string | undefined): void {
    const { method } = request;
    if (method === 'REGISTER') {
      this.register(transaction, request, false);
      return;
    }
    if (method === 'SUBSCRIBE' && isForRegistrations(request) && this.options.gruus.findTarget(request) === undefined) {
      this.options.watchers.take(transaction, request, name ?? '');
      return;
    }
    const { foreign, users } = this.options;
    const rejection = rejectForwarding(request);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (hasRoute(request)) this.atForeign(transaction, request);
    else if (this.isForeignSender(request)) {
      const admitted = foreign.admit(transaction, request, (trusted) => {
        users.forward(transaction, request, name ?? '', originBeyond(request, trusted));
      });
      admitted.catch((error: unknown) => {
        this.options.events.fault(method, error);
        this.options.responder.reply(transaction, 500);
      });
    } else {
      const origin = this.originOf(transaction, request);
      if (origin !== undefined) users.forward(transaction, request, name ?? '', origin);
    }
  }

  /** Another domain, or a Route that leads there: for senders of ours alone. */
  private atForeign(transaction: ServerTransaction, request: SipRequest): void {
    const { responder, beyond } = this.options;
    const rejection = rejectForwarding(request);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (request.method === 'REGISTER' || this.isForeignSender(request)) responder.refuse(transaction, noRelay);
    else {
      const origin = this.originOf(transaction, request);
      if (origin !== undefined) beyond.forward(transaction, request, origin);
    }
  }

  /** Who of ours sent it; undefined when it was answered here. */
  private originOf(transaction: ServerTransaction, request: SipRequest): Origin | undefined {
    const account = this.options.doorkeeper.admit(transaction, request, 'proxy');
    return account && originOfAccount(request, account, this.options.realm);
  }

  private isForeignSender(request: SipRequest): boolean {
    const from = read(request, field.from);
    if (!from.ok || from.value === undefined) return false;
    const { uri } = from.value;
    // Who is anonymous shows credentials of ours, or comes by a peer that vouches for him (RFC 3325 §5).
    if (isAnonymous(uri)) return readRaw(request, 'Proxy-Authorization') === undefined && vouched(request);
    return destinationOf(uri, this.options.names).kind === 'foreign';
  }

  private reject(transaction: ServerTransaction, { status, phrase, fields }: Rejection): void {
    this.options.responder.reply(transaction, status, phrase, fields);
  }
}

const capabilities = [
  ['Allow', serverMethods],
  ['Accept', '*/*'],
  ['Supported', 'path, outbound, gruu, pref'],
  ['Allow-Events', `${roomEvents}, ${registrationPackage}`],
] as const;

function vouched(request: SipRequest): boolean {
  return readRaw(request, 'P-Asserted-Identity') !== undefined;
}

const noRelay = refusal(403, 'Forbidden', 'requests to other domains are routed for users of this one alone');
