import { refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { mayNotify } from '../../dispositions/forged-notification.ts';
import type { DirectTargets } from '../../location/direct-target.ts';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { identified } from '../../privacy/asserted-identity.ts';
import { mayAmend } from '../../replace/amendment.ts';
import { breadthOf, withBreadth } from '../../routing/max-breadth.ts';
import { isSecureRequest } from '../../routing/secure-targets.ts';
import type { AmendedRecipient, AmendmentDesk } from '../amendments/amendment-desk.ts';
import type { Responder } from '../entry/responder.ts';
import type { DispositionDesk, PassedNotification } from '../receipts/disposition-desk.ts';
import type { MessageProxy } from './message-proxy.ts';

/** Who deals with messages to users here. */
export interface MessagePostOptions {
  readonly responder: Pick<Responder, 'reply' | 'refuse'>;
  readonly direct: Pick<DirectTargets, 'find'>;
  readonly messages: Pick<MessageProxy, 'post' | 'postTo' | 'size'>;
  readonly amendments: Pick<AmendmentDesk, 'take' | 'size'>;
  readonly dispositions: Pick<DispositionDesk, 'pass'>;
}

/** Posts messages to users here, each as what it is: a plain one, one that amends another, or one that tells of another. */
export class MessagePost {
  private readonly options: MessagePostOptions;

  constructor(options: MessagePostOptions) {
    this.options = options;
  }

  /** Messages that wait for a response. */
  get size(): number {
    return this.options.messages.size + this.options.amendments.size;
  }

  /**
   * Posts a message that nothing has to be decided about: like any other to one device, and nothing besides.
   *
   * @returns whether it is such a message; any other is for {@link post}
   */
  postDirectly(transaction: ServerTransaction, request: SipRequest, name: string, origin: Origin): boolean {
    if (!isAddressOfRecord(request)) return false;
    const direct = this.options.direct.find(name);
    if (direct?.suits(request) !== true || breadthOf(request) < 1) return false;
    if (mayNotify(request) || mayAmend(request, nodeBytes)) return false;
    this.options.messages.postTo(transaction, identified(request, origin, false), name, direct);
    return true;
  }

  /** Posts any message. @param recipient - who exists; none of the bindings has to live */
  post(transaction: ServerTransaction, request: SipRequest, recipient: AmendedRecipient, origin: Origin): void {
    const passed = this.options.dispositions.pass(recipient.account, request);
    if (passed === undefined) this.postAsItIs(transaction, request, recipient, origin);
    else void this.postPassed(transaction, request, recipient, origin, passed);
  }

  private postAsItIs(
    transaction: ServerTransaction,
    request: SipRequest,
    recipient: AmendedRecipient,
    origin: Origin,
  ): void {
    const { responder, messages, amendments } = this.options;
    const { account, live, isDevice } = recipient;
    if (live.length > breadthOf(request)) {
      responder.reply(transaction, 440);
      return;
    }
    const message = withBreadth(identified(request, origin, false), Math.max(1, live.length));
    if (mayAmend(message, nodeBytes)) amendments.take(transaction, message, recipient, origin.isProved);
    else messages.post(transaction, message, account, live, isDevice);
  }

  /** A notification of a message to a list, perhaps. */
  private async postPassed(
    transaction: ServerTransaction,
    request: SipRequest,
    recipient: AmendedRecipient,
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
}

/** Whether the Request-URI is none of a single device, and asks for no TLS. */
function isAddressOfRecord(request: SipRequest): boolean {
  return !request.requestUri.includes(';') && !isSecureRequest(request);
}

const noRecipient = refusal(403, 'Forbidden', 'expected a notification from a recipient of the message');
