import { refusal } from '@parley/prelude';
import type { SipRequest, SipUri } from '@parley/sip';
import { parseUri } from '@parley/sip';
import type { Flow, Hop, ServerTransaction, ServerTrouble, TransactionUser } from '@parley/sip-stack';
import type { TransactionLayer } from '@parley/sip-stack';
import type { Destination, ServedNames } from '../../addresses/destination.ts';
import { destinationOf } from '../../addresses/destination.ts';
import { rejectForwarding, rejectLarge, rejectMalformed } from '../../checks/check-request.ts';
import { rejectInsecure } from '../../checks/check-security.ts';
import type { Rejection } from '../../checks/rejection.ts';
import type { DialogCourse } from '../../routing/dialog-course.ts';
import { courseOf } from '../../routing/dialog-course.ts';
import { isInDialog } from '../../routing/dialog-requests.ts';
import { isLooped } from '../../routing/loop-mark.ts';
import { hasRoute } from '../../routing/next-hop.ts';
import type { Routed } from '../../routing/own-route.ts';
import { takeOwnRoutes } from '../../routing/own-route.ts';
import { responseHop } from '../../routing/response-hop.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { DialogProxy } from '../proxy/dialog-proxy.ts';
import type { Forks } from '../proxy/forks.ts';
import type { DialogEnds } from '../rooms/dialog-ends.ts';
import type { LoadShedder } from './load-shedder.ts';
import { Switchboard } from './switchboard.ts';
import type { SwitchboardOptions } from './switchboard.ts';

/** What comes in is handed to. */
export interface IngressOptions extends SwitchboardOptions {
  readonly maxSize: number;
  readonly loopSeed: number;
  readonly layer: Pick<TransactionLayer, 'rejectMerged' | 'moveTo'>;
  readonly flowTo: (hop: Hop) => Flow;
  readonly shedder: LoadShedder;
  readonly ends: DialogEnds;
  readonly dialogs: DialogProxy;
  readonly forks: Pick<Forks, 'cancelled'>;
  readonly isOwnUri: (uri: SipUri) => boolean;
  readonly telemetry: Telemetry;
}

/**
 * Takes every new request: refuses what is none, passes on what is within a dialog of users, and has the switchboard look
 * whom any other is for.
 *
 * @spec RFC 3261 §16.3, §16.4
 */
export class Ingress implements TransactionUser {
  private readonly options: IngressOptions;
  private readonly switchboard: Switchboard;
  /** While the edge drains nothing new begins. */
  draining = false;

  constructor(options: IngressOptions) {
    this.options = options;
    this.switchboard = new Switchboard(options);
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
    const { telemetry, responder, forks, rooms } = this.options;
    telemetry.request('CANCEL');
    if (target === undefined) {
      responder.reply(cancel, 481);
      return;
    }
    responder.reply(cancel, 200);
    if (!forks.cancelled(target)) rooms.cancelled(target);
  }

  onAck(ack: SipRequest, flow: Flow): void {
    const { telemetry, rooms, dialogs, names, events } = this.options;
    telemetry.request('ACK');
    try {
      if (rejectMalformed(ack) !== undefined) return;
      const routed = takeOwnRoutes(ack, this.options.isOwnUri);
      const destination = destinationIn(routed.request, names);
      if (destination.kind === 'room' || destination.kind === 'factory') {
        rooms.acknowledged(routed.request, flow, this.isRecorded(routed));
        return;
      }
      const course = this.courseOf(routed, flow);
      if (course !== undefined && course.kind !== 'half') dialogs.acknowledge(routed.request, course);
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
    const course = isForServices(destination) ? undefined : this.courseOf(routed, transaction.flow);
    if (course === undefined) this.switchboard.route(transaction, request, destination, this.isRecorded(routed));
    else if (course.kind === 'onward' && destination.kind !== 'foreign' && !hasRoute(request))
      this.switchboard.route(transaction, request, destination);
    else this.follow(transaction, request, course);
  }

  /** Where the tokens in the Route of a request within a dialog lead; they prove it, so that nobody is challenged. */
  private courseOf({ request, tokens }: Routed, flow: Flow): DialogCourse | undefined {
    const { ends } = this.options;
    if (tokens.length === 0 || !isInDialog(request)) return undefined;
    return courseOf(ends.named(tokens), (end) => ends.isAt(end, flow));
  }

  private follow(transaction: ServerTransaction, request: SipRequest, course: DialogCourse): void {
    const { dialogs, responder, doorkeeper } = this.options;
    const rejection = rejectForwarding(request);
    if (rejection !== undefined) this.reject(transaction, rejection);
    else if (course.kind === 'half') responder.refuse(transaction, notItsEnd);
    else if (course.kind !== 'unproved') dialogs.forward(transaction, request, course);
    else {
      const account = doorkeeper.admit(transaction, request, 'proxy');
      if (account?.name === course.from.account) dialogs.forward(transaction, request, course);
      else if (account !== undefined) responder.refuse(transaction, notItsEnd);
    }
  }

  /** Whether the request goes the way that we recorded for its dialog. */
  private isRecorded({ tokens }: Routed): boolean {
    return this.options.ends.named(tokens).length > 0;
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

/** Whether a service of ours is the user agent server, so that no end of a dialog between users is meant. */
function isForServices({ kind }: Destination): boolean {
  return kind === 'room' || kind === 'factory' || kind === 'chat-server';
}

const notItsEnd = refusal(403, 'Forbidden', 'expected the request over a connection of its dialog');
