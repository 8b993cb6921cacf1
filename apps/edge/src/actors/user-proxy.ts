import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { ClientTransaction, ServerTransaction, TransactionLayer } from '@parley/sip-stack';
import { magicCookie } from '@parley/sip-stack';
import type { AccountBook } from '../accounts/account-book.ts';
import type { BindingBook } from '../location/binding-book.ts';
import { routeMessage } from '../page-mode/route-message.ts';
import type { Binding } from '../registrar/binding.ts';
import { copyFor, forwardedRequest } from '../routing/forward-request.ts';
import { loopMark } from '../routing/loop-mark.ts';
import { wayTo } from '../routing/way.ts';
import type { Telemetry } from '../telemetry.ts';
import type { DateText } from './date-text.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Fork } from './fork.ts';
import type { ForkHost } from './fork.ts';
import type { Responder } from './responder.ts';
import type { Sender } from './sender.ts';

/** Milliseconds after which a page-mode message that no device answered counts as not delivered. */
const messagePatience = 8_000;

/** What the proxy is built from. */
export interface UserProxyOptions {
  readonly instance: string;
  readonly realm: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly layer: Pick<TransactionLayer, 'cancel'>;
  readonly responder: Responder;
  readonly sender: Sender;
  readonly accounts: Pick<AccountBook, 'find'>;
  readonly bindings: Pick<BindingBook, 'live'>;
  readonly telemetry: Telemetry;
  readonly date: DateText;
  readonly loopSeed: number;
}

/** Forwards requests to the devices of users here, and one final response back. @spec RFC 3261 §16 */
export class UserProxy implements ForkHost, Disposable {
  private readonly options: UserProxyOptions;
  private readonly forks = new Map<ServerTransaction, Fork>();
  private readonly deadlines: DeadlineQueue;

  constructor(options: UserProxyOptions) {
    this.options = options;
    this.deadlines = new DeadlineQueue(options.clock, messagePatience, 250);
  }

  /** Requests that wait for a response. */
  get size(): number {
    return this.forks.size;
  }

  /** Forwards a request to all live bindings of a user. */
  toUser(transaction: ServerTransaction, request: SipRequest, name: string): void {
    const { accounts, bindings, responder, telemetry } = this.options;
    const route = routeMessage(accounts.find(name) !== undefined, bindings.live(name));
    if (route.kind === 'fork') {
      this.fork(transaction, request, route.bindings);
      return;
    }
    if (request.method === 'MESSAGE') telemetry.message(route.kind === 'unknown' ? 'unknown' : 'unreachable');
    responder.reply(transaction, route.kind === 'unknown' ? 404 : 480);
  }

  /** Cancels what a CANCEL means; false when it is none of ours. */
  cancelled(transaction: ServerTransaction): boolean {
    const fork = this.forks.get(transaction);
    fork?.cancel();
    return fork !== undefined;
  }

  answer({ transaction }: Fork, response: SipResponse): void {
    const sent = this.options.responder.send(transaction, response);
    if (!sent || response.statusCode < 200) return;
    if (transaction.request.method === 'MESSAGE') this.options.telemetry.message(outcomeOf(response.statusCode));
  }

  cancel(client: ClientTransaction): void {
    this.options.layer.cancel(client);
  }

  ended(fork: Fork): void {
    this.forks.delete(fork.transaction);
  }

  [Symbol.dispose](): void {
    this.deadlines[Symbol.dispose]();
  }

  private fork(transaction: ServerTransaction, request: SipRequest, bindings: readonly Binding[]): void {
    const { realm, date, loopSeed, sender, instance, random } = this.options;
    const forwarded = forwardedRequest(request, { realm, date: date.now() });
    const fork = new Fork(transaction, bindings.length, this);
    this.forks.set(transaction, fork);
    if (request.method === 'MESSAGE') this.deadlines.join(fork.deadline);
    const mark = magicCookie + loopMark(request, loopSeed);
    for (const binding of bindings) {
      const copy = copyFor(forwarded, binding.target, binding.path);
      sender.send(copy, wayTo(binding, instance), fork, mark + randomToken(random, 16));
    }
  }
}

function outcomeOf(status: number): 'delivered' | 'refused' | 'unreachable' | 'failed' {
  if (status < 300) return 'delivered';
  if (status === 480) return 'unreachable';
  return status >= 500 && status < 600 ? 'failed' : 'refused';
}
