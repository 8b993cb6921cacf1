import { refusal } from '@parley/prelude';
import type { SipRequest, SipUri } from '@parley/sip';
import { field, parseUri, read, readRaw } from '@parley/sip';
import type { Flow, Hop, ServerTransaction, ServerTrouble, TransactionUser } from '@parley/sip-stack';
import type { TransactionLayer } from '@parley/sip-stack';
import type { AccountBook } from '../accounts/account-book.ts';
import type { Destination, ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';
import {
  rejectForwarding,
  rejectLarge,
  rejectMalformed,
  rejectRegistrant,
  rejectRequired,
} from '../checks/check-request.ts';
import { rejectInsecure } from '../checks/check-security.ts';
import { knownMethods, roomEvents, serverMethods } from '../checks/methods.ts';
import type { Rejection } from '../checks/rejection.ts';
import type { EdgeEvents } from '../events.ts';
import type { StoredList } from '../lists/stored-list.ts';
import { isAnonymous } from '../federation/admit-foreign.ts';
import type { Origin } from '../privacy/asserted-identity.ts';
import { originBeyond, originOfAccount } from '../privacy/asserted-identity.ts';
import type { DialogCourse } from '../routing/dialog-course.ts';
import { courseOf } from '../routing/dialog-course.ts';
import type { Gruus } from '../registrar/gruus.ts';
import { isForRegistrations, registrationPackage } from '../registration-events/wish.ts';
import { isInDialog } from '../routing/dialog-requests.ts';
import { isLooped } from '../routing/loop-mark.ts';
import { hasRoute } from '../routing/next-hop.ts';
import type { Routed } from '../routing/own-route.ts';
import { takeOwnRoutes } from '../routing/own-route.ts';
import { responseHop } from '../routing/response-hop.ts';
import type { Telemetry } from '../telemetry.ts';
import type { ChatRooms } from './chat-rooms.ts';
import type { DialogEnds } from './dialog-ends.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import type { LoadShedder } from './load-shedder.ts';
import type { ForeignDoor } from './foreign-door.ts';
import { listTags } from './list-service.ts';
import type { ListService } from './list-service.ts';
import type { RegistrarDesk } from './registrar-desk.ts';
import type { RegistrationEventsDesk } from './registration-events-desk.ts';
import type { Responder } from './responder.ts';
import type { UserProxy } from './user-proxy.ts';

/** What comes in is handed to. */
export interface IngressOptions {
  readonly names: ServedNames;
  readonly maxSize: number;
  readonly loopSeed: number;
  readonly layer: Pick<TransactionLayer, 'rejectMerged' | 'moveTo'>;
  readonly flowTo: (hop: Hop) => Flow;
  readonly responder: Responder;
  readonly doorkeeper: Doorkeeper;
  readonly shedder: LoadShedder;
  readonly accounts: Pick<AccountBook, 'findByNumber'>;
  readonly registrar: RegistrarDesk;
  readonly watchers: Pick<RegistrationEventsDesk, 'take'>;
  readonly gruus: Pick<Gruus, 'findTarget'>;
  readonly proxy: UserProxy;
  readonly rooms: ChatRooms;
  readonly lists: ListService;
  readonly ends: DialogEnds;
  readonly foreign: ForeignDoor;
  /** Domain of the addresses that we vouch for. */
  readonly realm: string;
  readonly isOwnUri: (uri: SipUri) => boolean;
  readonly telemetry: Telemetry;
  readonly events: EdgeEvents;
}

/** Option tags that a REGISTER may require. @spec RFC 3327 §5.3, RFC 5626 §11.4, RFC 5627 §5.1, RFC 3840 §12 */
const registrarTags: ReadonlySet<string> = new Set(['path', 'outbound', 'gruu', 'pref']);

/** Option tags that rooms know; each focus looks again. @spec RFC 4028 §4, RFC 4488 §4, RFC 5366 §4 */
const roomTags: ReadonlySet<string> = new Set(['timer', 'norefersub', 'recipient-list-invite']);

/** Takes every new request, looks whom it is for, and hands it on. @spec RFC 3261 §16.3, §8.2 */
export class Ingress implements TransactionUser {
  private readonly options: IngressOptions;
  /** While the edge drains nothing new begins. */
  draining = false;

  constructor(options: IngressOptions) {
    this.options = options;
  }

  onRequest(transaction: ServerTransaction, request: SipRequest): void {
    this.options.telemetry.request(request.method);
    if (!this.options.shedder.shed(transaction, request)) this.again(transaction);
  }

  /** Takes a request, perhaps not for the first time: when all that it needs is known. */
  again(transaction: ServerTransaction): void {
    const { request } = transaction;
    try {
      this.take(transaction, request);
    } catch (error) {
      this.options.events.fault(request.method, error);
      this.options.responder.reply(transaction, 500);
    }
  }

  onCancel(cancel: ServerTransaction, target: ServerTransaction | undefined): void {
    const { telemetry, responder, proxy, rooms } = this.options;
    telemetry.request('CANCEL');
    if (target === undefined) {
      responder.reply(cancel, 481);
      return;
    }
    responder.reply(cancel, 200);
    if (!proxy.cancelled(target)) rooms.cancelled(target);
  }

  onAck(ack: SipRequest, flow: Flow): void {
    const { telemetry, rooms, proxy, names, events } = this.options;
    telemetry.request('ACK');
    try {
      if (rejectMalformed(ack) !== undefined) return;
      const routed = takeOwnRoutes(ack, this.options.isOwnUri);
      const destination = destinationIn(routed.request, names);
      const course = this.courseOf(routed, flow);
      if (destination.kind === 'room' || destination.kind === 'factory')
        rooms.acknowledged(routed.request, flow, this.isRecorded(routed));
      else if (course !== undefined && course.kind !== 'half') proxy.acknowledge(routed.request, course);
    } catch (error) {
      events.fault('ACK', error);
    }
  }

  /** A response whose connection is gone goes where Via says. @spec RFC 3261 §18.2.2 */
  onTrouble(transaction: ServerTransaction, trouble: ServerTrouble): void {
    const { telemetry, layer, flowTo } = this.options;
    const hop = trouble === 'unsendable' ? responseHop(transaction.request) : undefined;
    if (hop === undefined) telemetry.drop(trouble);
    else layer.moveTo(transaction, flowTo(hop));
  }

  private take(transaction: ServerTransaction, came: SipRequest): void {
    const { responder, maxSize, loopSeed } = this.options;
    const rejection =
      rejectMalformed(came) ??
      rejectInsecure(came, transaction.flow) ??
      (came.method === 'MESSAGE' ? rejectLarge(came, maxSize) : undefined);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (this.draining) responder.reply(transaction, 503, undefined, [['Retry-After', '1']]);
    else if (isLooped(came, loopSeed)) responder.reply(transaction, 482);
    else this.enter(transaction, takeOwnRoutes(came, this.options.isOwnUri));
  }

  /** A request within a dialog of users is passed on; any other is looked at for whom it is. */
  private enter(transaction: ServerTransaction, routed: Routed): void {
    const { request } = routed;
    const destination = destinationIn(request, this.options.names);
    const course = this.courseOf(routed, transaction.flow);
    if (course === undefined || isForServices(destination))
      this.route(transaction, request, destination, this.isRecorded(routed));
    else if (course.kind === 'onward' && destination.kind !== 'foreign' && !hasRoute(request))
      this.route(transaction, request, destination);
    else this.follow(transaction, request, course);
  }

  /** Where the tokens in the Route of a request within a dialog lead; they prove it, so that nobody is challenged. */
  private courseOf({ request, tokens }: Routed, flow: Flow): DialogCourse | undefined {
    const { ends } = this.options;
    if (tokens.length === 0 || !isInDialog(request)) return undefined;
    return courseOf(ends.named(tokens), (end) => ends.isAt(end, flow));
  }

  private follow(transaction: ServerTransaction, request: SipRequest, course: DialogCourse): void {
    const { proxy, responder, doorkeeper } = this.options;
    const rejection = rejectForwarding(request);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (course.kind === 'half') responder.refuse(transaction, notItsEnd);
    else if (course.kind !== 'unproved') proxy.inDialog(transaction, request, course);
    else {
      const account = doorkeeper.admit(transaction, request, 'proxy');
      if (account?.name === course.from.account) proxy.inDialog(transaction, request, course);
      else if (account !== undefined) responder.refuse(transaction, notItsEnd);
    }
  }

  /** Whether the request goes the way that we recorded for its dialog. */
  private isRecorded({ tokens }: Routed): boolean {
    return this.options.ends.named(tokens).length > 0;
  }

  private route(
    transaction: ServerTransaction,
    request: SipRequest,
    destination: Destination,
    isRecorded = false,
  ): void {
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
    const { foreign, proxy } = this.options;
    const rejection = rejectForwarding(request);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (hasRoute(request)) this.atForeign(transaction, request);
    else if (this.isForeignSender(request)) {
      const admitted = foreign.admit(transaction, request, (trusted) => {
        proxy.toUser(transaction, request, name ?? '', originBeyond(request, trusted));
      });
      admitted.catch((error: unknown) => {
        this.options.events.fault(method, error);
        this.options.responder.reply(transaction, 500);
      });
    } else {
      const origin = this.originOf(transaction, request);
      if (origin !== undefined) proxy.toUser(transaction, request, name ?? '', origin);
    }
  }

  /** Another domain, or a Route that leads there: for senders of ours alone. */
  private atForeign(transaction: ServerTransaction, request: SipRequest): void {
    const { responder, proxy } = this.options;
    const rejection = rejectForwarding(request);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (request.method === 'REGISTER' || this.isForeignSender(request)) responder.refuse(transaction, noRelay);
    else {
      const origin = this.originOf(transaction, request);
      if (origin !== undefined) proxy.beyond(transaction, request, origin);
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

function destinationIn(request: SipRequest, names: ServedNames): Destination {
  const uri = parseUri(request.requestUri);
  // checkRequest has read it before.
  return uri.ok ? destinationOf(uri.value, names) : { kind: 'unsupported-scheme', scheme: '' };
}

const capabilities = [
  ['Allow', serverMethods],
  ['Accept', '*/*'],
  ['Supported', 'path, outbound, gruu, pref'],
  ['Allow-Events', `${roomEvents}, ${registrationPackage}`],
] as const;

/** Whether a service of ours is the user agent server, so that no end of a dialog between users is meant. */
function isForServices({ kind }: Destination): boolean {
  return kind === 'room' || kind === 'factory' || kind === 'chat-server';
}

function vouched(request: SipRequest): boolean {
  return readRaw(request, 'P-Asserted-Identity') !== undefined;
}

const noRelay = refusal(403, 'Forbidden', 'requests to other domains are routed for users of this one alone');
const notItsEnd = refusal(403, 'Forbidden', 'expected the request over a connection of its dialog');
