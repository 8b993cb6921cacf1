import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { routeMessage } from '../../page-mode/route-message.ts';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { targetsFor } from '../../routing/secure-targets.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Responder } from '../entry/responder.ts';
import type { MessagePost } from '../page-mode/message-post.ts';
import { letPass } from './let-pass.ts';
import type { PassingOptions } from './let-pass.ts';
import { recipientOf } from './recipient.ts';
import type { RecipientBooks } from './recipient.ts';
import type { UserForks } from './user-forks.ts';

/** What the proxy is built from. */
export interface UserProxyOptions extends PassingOptions, RecipientBooks {
  readonly responder: Pick<Responder, 'reply' | 'send' | 'warned' | 'refuse' | 'veils'>;
  readonly post: Pick<MessagePost, 'post' | 'postDirectly'>;
  readonly forks: Pick<UserForks, 'begin'>;
  readonly telemetry: Pick<Telemetry, 'message'>;
}

/** Forwards requests to the devices of users here, and one final response back. @spec RFC 3261 §16 */
export class UserProxy {
  private readonly options: UserProxyOptions;

  constructor(options: UserProxyOptions) {
    this.options = options;
  }

  /** Forwards a request to the live bindings of a user; a message that does not reach a device waits for it. */
  forward(transaction: ServerTransaction, came: SipRequest, name: string, origin: Origin): void {
    const { responder, post, forks } = this.options;
    const request = letPass(transaction, came, origin, this.options);
    const isMessage = came.method === 'MESSAGE';
    if (request === undefined || (isMessage && post.postDirectly(transaction, request, name, origin))) return;
    const recipient = recipientOf(request, name, this.options);
    const { account, live } = recipient;
    const targets = targetsFor(request, live);
    const route = routeMessage(recipient.isKnown, targets);
    if (route.kind === 'unknown') this.refuseUnknown(transaction, isMessage, origin);
    else if (targets.length === 0 && live.length > 0) {
      responder.send(transaction, responder.warned(request, 480, 'SIPS Not Allowed', 380));
    } else if (isMessage) post.post(transaction, request, { ...recipient, live: targets }, origin);
    else if (route.kind === 'fork') forks.begin(transaction, request, account, targets, origin);
    else responder.reply(transaction, 480);
  }

  /** A stranger learns of no call whether there is such a user; of a message he has to. */
  private refuseUnknown(transaction: ServerTransaction, isMessage: boolean, origin: Origin): void {
    const { responder, telemetry } = this.options;
    if (isMessage) telemetry.message('unknown');
    responder.reply(transaction, isMessage || !isStranger(origin) ? 404 : 480);
  }
}

/** Whether nobody vouches for the sender. */
function isStranger({ account, asserted }: Origin): boolean {
  return account === '' && asserted.length === 0;
}
