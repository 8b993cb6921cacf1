import { refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { withRequestUri } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { Peers } from '../../federation/peers.ts';
import { wayBeyond } from '../../federation/way-beyond.ts';
import { mayNotify } from '../../dispositions/forged-notification.ts';
import type { FlowEnd } from '../../flows/flow-token.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { DirectTargets } from '../../location/direct-target.ts';
import { routeMessage } from '../../page-mode/route-message.ts';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { identified } from '../../privacy/asserted-identity.ts';
import { canGrant, privacyWish, veiled } from '../../privacy/privacy-service.ts';
import type { Binding } from '../../registrar/binding.ts';
import { isTarget } from '../../registrar/binding.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import { mayAmend } from '../../replace/amendment.ts';
import { demandingSupport } from '../../replace/plain-form.ts';
import { targetsOf } from '../../registrar/targets.ts';
import type { DialogCourse } from '../../routing/dialog-course.ts';
import { makesDialog } from '../../routing/dialog-requests.ts';
import { copyFor, forwardedRequest } from '../../routing/forward-request.ts';
import { breadthOf, withBreadth } from '../../routing/max-breadth.ts';
import { withSipUri } from '../../routing/im-uri.ts';
import { nextHop } from '../../routing/next-hop.ts';
import { isDirected } from '../../routing/request-disposition.ts';
import { isSecureRequest, targetsFor } from '../../routing/secure-targets.ts';
import { targetGroups } from '../../routing/target-groups.ts';
import type { Way } from '../../routing/way.ts';
import { wayTo } from '../../routing/way.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { AmendmentDesk } from '../amendments/amendment-desk.ts';
import type { DateText } from '../date-text.ts';
import type { DispositionDesk, PassedNotification } from '../receipts/disposition-desk.ts';
import type { DialogEnds } from '../rooms/dialog-ends.ts';
import type { Attempts } from './fork.ts';
import type { Forks, Target } from './forks.ts';
import type { MessageProxy } from '../page-mode/message-proxy.ts';
import type { Responder } from '../entry/responder.ts';
import type { Sender } from './sender.ts';

/** A course that leads somewhere. */
type KnownCourse = Exclude<DialogCourse, { readonly kind: 'half' }>;

/** What the proxy is built from. */
export interface UserProxyOptions {
  readonly instance: string;
  readonly realm: string;
  readonly responder: Responder;
  readonly sender: Pick<Sender, 'acknowledge'>;
  readonly forks: Forks;
  readonly messages: Pick<MessageProxy, 'post' | 'postTo' | 'size'>;
  readonly amendments: Pick<AmendmentDesk, 'take' | 'size'>;
  readonly accounts: Pick<AccountBook, 'find'>;
  readonly bindings: Pick<BindingBook, 'live'>;
  readonly direct: Pick<DirectTargets, 'find'>;
  readonly gruus: Pick<Gruus, 'findTarget'>;
  readonly telemetry: Telemetry;
  readonly date: DateText;
  readonly ends: DialogEnds;
  readonly peers: Pick<Peers, 'find'>;
  readonly dispositions: Pick<DispositionDesk, 'pass'>;
  /** Whether a request notifies in the name of another. */
  readonly isForged: (request: SipRequest, origin: Origin) => boolean;
}

/** Whom a request is for. */
interface Recipient {
  readonly isKnown: boolean;
  readonly account: string;
  readonly live: readonly Binding[];
  /** Whether one device is meant, so that nobody else will do. */
  readonly isDevice: boolean;
}

/** Forwards requests to the devices of users here and to other domains, and one final response back. @spec RFC 3261 §16 */
export class UserProxy {
  private readonly options: UserProxyOptions;

  constructor(options: UserProxyOptions) {
    this.options = options;
  }

  /** Requests that wait for a response. */
  get size(): number {
    const { forks, messages, amendments } = this.options;
    return forks.size + messages.size + amendments.size;
  }

  /** Forwards a request to the live bindings of a user; a message that does not reach a device waits for it. */
  toUser(transaction: ServerTransaction, came: SipRequest, name: string, origin: Origin): void {
    const { responder, telemetry } = this.options;
    if (this.refuseForged(transaction, came, origin)) return;
    const request = this.veil(transaction, came, origin);
    if (request === undefined || this.postDirectly(transaction, request, name, origin)) return;
    const recipient = this.recipientOf(request, name);
    const { account, live } = recipient;
    const targets = targetsFor(request, live);
    const route = routeMessage(recipient.isKnown, targets);
    const isMessage = request.method === 'MESSAGE';
    if (route.kind === 'unknown') {
      if (isMessage) telemetry.message('unknown');
      // A stranger learns of no call whether there is such a user; of a message he has to.
      responder.reply(transaction, isMessage || !isStranger(origin) ? 404 : 480);
    } else if (targets.length === 0 && live.length > 0) {
      responder.send(transaction, responder.warned(request, 480, 'SIPS Not Allowed', 380));
    } else if (isMessage) this.post(transaction, request, { ...recipient, live: targets }, origin);
    else if (route.kind === 'fork') this.fork(transaction, request, account, targets, origin);
    else responder.reply(transaction, 480);
  }

  /** Forwards a request to where its Route, or its Request-URI in another domain, leads. @spec RFC 3261 §16.5, §16.6 (6, 7) */
  beyond(transaction: ServerTransaction, came: SipRequest, origin: Origin): void {
    if (this.refuseForged(transaction, came, origin)) return;
    const request = this.veil(transaction, came, origin);
    if (request === undefined) return;
    const forwarded = demandingSupport(this.forwarded(request), nodeBytes);
    if (!makesDialog(request)) this.onward(transaction, request, forwarded, origin, undefined);
    else {
      const recorded = this.options.ends.recordedFrom(forwarded, transaction.flow, origin.account, false);
      this.onward(transaction, request, recorded, origin, '');
    }
  }

  /** Passes a request within a dialog on. @spec RFC 3261 §16.6 (6, 7) */
  inDialog(transaction: ServerTransaction, request: SipRequest, course: KnownCourse): void {
    if (course.kind === 'onward') {
      const origin: Origin = { account: course.from.account, asserted: [], isProved: true };
      this.onward(transaction, request, this.forwarded(request), origin, undefined);
    } else this.toEnd(transaction, request, course.end, course.from);
  }

  /** Passes the ACK of a 2xx on. @spec RFC 3261 §16.10, §17 */
  acknowledge(ack: SipRequest, course: KnownCourse): void {
    const { ends, sender, peers } = this.options;
    const forwarded = this.forwarded(ack);
    if (course.kind !== 'onward') {
      sender.acknowledge(this.retargeted(forwarded, course.end), ends.wayTo(course.end));
      return;
    }
    const hop = nextHop(forwarded);
    if (hop !== undefined) sender.acknowledge(hop.request, wayBeyond(hop.uri, isSecureRequest(ack), peers)?.way);
  }

  /** Cancels what a CANCEL means; false when it is none of ours. */
  cancelled(transaction: ServerTransaction): boolean {
    return this.options.forks.cancelled(transaction);
  }

  /**
   * The request as those behind us may see it; undefined where that is not enough for its sender, who has been told. For
   * users of ours alone: others have a service of their own.
   *
   * @spec RFC 3323 §5
   */
  private veil(transaction: ServerTransaction, request: SipRequest, origin: Origin): SipRequest | undefined {
    const wish = privacyWish(request);
    if (wish === undefined || origin.account === '') return request;
    const { responder } = this.options;
    if (wish.critical && !canGrant(wish, request)) {
      responder.refuse(transaction, notPrivate);
      return undefined;
    }
    if (canGrant(wish, request)) responder.veils.note(transaction, request);
    return veiled(request, wish);
  }

  /** A disposition notification is of who was authenticated. @spec RFC 5438 §14, REQ-DISNOT-8 */
  private refuseForged(transaction: ServerTransaction, request: SipRequest, origin: Origin): boolean {
    const isForged = this.options.isForged(request, origin);
    if (isForged) this.options.responder.refuse(transaction, notTheirs);
    return isForged;
  }

  /** Whom the Request-URI means: an account, or one device of it. @spec RFC 3261 §16.5, RFC 5627 §6.1 */
  private recipientOf(request: SipRequest, name: string): Recipient {
    const { accounts, bindings, gruus } = this.options;
    const gruu = gruus.findTarget(request);
    if (gruu === undefined) {
      const isKnown = accounts.find(name) !== undefined;
      return { isKnown, account: name, live: bindings.live(name), isDevice: false };
    }
    if (gruu.kind === 'unknown') return { isKnown: false, account: '', live: [], isDevice: true };
    // A binding for rooms takes no page mode, but its GRUU is an address for everything else.
    const live = gruu.bindings.filter((binding) => isTarget(binding) || request.method !== 'MESSAGE');
    return { isKnown: true, account: gruu.account, live, isDevice: true };
  }

  /** Posts a message that nothing has to be decided about: like any other to one device, and nothing besides. */
  private postDirectly(transaction: ServerTransaction, request: SipRequest, name: string, origin: Origin): boolean {
    if (request.method !== 'MESSAGE' || !isAddressOfRecord(request)) return false;
    const direct = this.options.direct.find(name);
    if (direct?.suits(request) !== true || breadthOf(request) < 1) return false;
    if (mayNotify(request) || mayAmend(request, nodeBytes)) return false;
    this.options.messages.postTo(transaction, identified(request, origin, false), name, direct);
    return true;
  }

  private post(transaction: ServerTransaction, request: SipRequest, recipient: Recipient, origin: Origin): void {
    const { account } = recipient;
    const passed = this.options.dispositions.pass(account, request);
    if (passed === undefined) this.postAsItIs(transaction, request, recipient, origin);
    else void this.postPassed(transaction, request, recipient, origin, passed);
  }

  private postAsItIs(
    transaction: ServerTransaction,
    request: SipRequest,
    { account, live: targets, isDevice }: Recipient,
    origin: Origin,
  ): void {
    if (targets.length > breadthOf(request)) this.options.responder.reply(transaction, 440);
    else {
      const message = withBreadth(identified(request, origin, false), Math.max(1, targets.length));
      const { messages, amendments } = this.options;
      if (mayAmend(message, nodeBytes))
        amendments.take(transaction, message, { account, live: targets, isDevice }, origin.isProved);
      else messages.post(transaction, message, account, targets, isDevice);
    }
  }

  /** A notification of a message to a list, perhaps. */
  private async postPassed(
    transaction: ServerTransaction,
    request: SipRequest,
    recipient: Recipient,
    origin: Origin,
    passed: Promise<PassedNotification>,
  ): Promise<void> {
    const { responder } = this.options;
    const outcome = await passed;
    if (outcome === 'kept') responder.reply(transaction, 202);
    else if (outcome === 'forbidden') responder.refuse(transaction, noRecipient);
    else if (outcome === 'unstored') responder.reply(transaction, 503, undefined, [['Retry-After', '5']]);
    else this.postAsItIs(transaction, request, recipient, origin);
  }

  private fork(
    transaction: ServerTransaction,
    request: SipRequest,
    name: string,
    targets: readonly Binding[],
    origin: Origin,
  ): void {
    const { ends, forks, responder } = this.options;
    const breadth = breadthOf(request);
    if (breadth < 1) {
      responder.reply(transaction, 440);
      return;
    }
    const shown = identified(this.forwarded(request), origin, false);
    const isOfPair = origin.account !== '' && targets.every((binding) => ends.isEnd(binding));
    const forwarded = makesDialog(request)
      ? ends.recordedFrom(shown, transaction.flow, origin.account, isOfPair)
      : shown;
    const wanted = targetsOf(request, targets).slice(0, isDirected(request, 'no-fork') ? 1 : undefined);
    const groups = targetGroups(wanted, isDirected(request, 'sequential') ? 1 : breadth).map((group) => {
      const copy = withBreadth(forwarded, group.length);
      return group.map(([first, ...others]): Attempts<Target> => [
        this.targetAt(copy, first, name, isOfPair),
        ...others.map((binding) => this.targetAt(copy, binding, name, isOfPair)),
      ]);
    });
    if (groups.length === 0) responder.reply(transaction, 480);
    else forks.begin(transaction, request, { groups, silence: 480 });
  }

  private targetAt(request: SipRequest, binding: Binding, account: string, isOfPair: boolean): Target {
    const { instance, ends } = this.options;
    const copy = copyFor(request, binding.target, binding.path);
    const way = wayTo(binding, instance);
    if (way === undefined || !makesDialog(request)) return { request: copy, way };
    return { request: copy, way: { ...way, record: ends.tokenFor(binding, account, isOfPair) } };
  }

  private toEnd(transaction: ServerTransaction, came: SipRequest, end: FlowEnd, from: FlowEnd | undefined): void {
    const { ends } = this.options;
    const way = ends.wayTo(end);
    const forwarded = withBreadth(this.retargeted(this.forwarded(came), end), 1);
    // A NOTIFY may be the first that its receiver hears of the dialog (RFC 6665 §4.3).
    const target: Target =
      came.method === 'NOTIFY'
        ? {
            request: ends.recordedFrom(forwarded, transaction.flow, from?.account ?? '', from !== undefined),
            way: way && { ...way, record: ends.tokenOf(end) },
          }
        : { request: forwarded, way };
    this.options.forks.begin(transaction, came, { groups: [[[target]]], silence: 480 });
  }

  /** A GRUU in the Request-URI becomes the contact of its device. @spec RFC 5627 §6.1 */
  private retargeted(request: SipRequest, end: FlowEnd): SipRequest {
    const { ends, gruus } = this.options;
    const target = gruus.findTarget(request) === undefined ? undefined : ends.bindingOf(end)?.target;
    return target === undefined ? request : withRequestUri(request, target);
  }

  /** @param record - token of our Record-Route towards the next hop; undefined for none */
  private onward(
    transaction: ServerTransaction,
    came: SipRequest,
    request: SipRequest,
    origin: Origin,
    record: string | undefined,
  ): void {
    const { peers, forks, responder } = this.options;
    const hop = nextHop(request);
    const beyond = hop && wayBeyond(hop.uri, isSecureRequest(came), peers);
    if (hop === undefined || beyond === undefined) responder.refuse(transaction, noWay);
    else if (breadthOf(came) < 1) responder.reply(transaction, 440);
    else {
      const way: Way = record === undefined ? beyond.way : { ...beyond.way, record };
      const target: Target = {
        request: withBreadth(identified(withSipUri(hop.request), origin, beyond.trusted), 1),
        way,
      };
      forks.begin(transaction, came, { groups: [[[target]]], silence: 504 });
    }
  }

  private forwarded(request: SipRequest): SipRequest {
    const { realm, date } = this.options;
    return forwardedRequest(request, { realm, date: date.line() });
  }
}

/** Whether the Request-URI is none of a single device, and asks for no TLS. */
function isAddressOfRecord(request: SipRequest): boolean {
  return !request.requestUri.includes(';') && !isSecureRequest(request);
}

/** Whether nobody vouches for the sender. */
function isStranger({ account, asserted }: Origin): boolean {
  return account === '' && asserted.length === 0;
}

const notPrivate = refusal(500, 'Server Internal Error', 'what dialogs need cannot be kept private here');
const notTheirs = refusal(403, 'Forbidden', 'expected the notification to be from who sends it');
const noRecipient = refusal(403, 'Forbidden', 'expected a notification from a recipient of the message');
const noWay = refusal(480, 'Temporarily Unavailable', 'no way there that SIP can go as the request asks');
