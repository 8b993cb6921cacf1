import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { identified } from '../../privacy/asserted-identity.ts';
import type { Binding } from '../../registrar/binding.ts';
import { targetsOf } from '../../registrar/targets.ts';
import { makesDialog } from '../../routing/dialog-requests.ts';
import { copyFor, forwardedRequest } from '../../routing/forward-request.ts';
import { breadthOf, withBreadth } from '../../routing/max-breadth.ts';
import { isDirected } from '../../routing/request-disposition.ts';
import { targetGroups } from '../../routing/target-groups.ts';
import { wayTo } from '../../routing/way.ts';
import type { DateText } from '../date-text.ts';
import type { Responder } from '../entry/responder.ts';
import type { DialogEnds } from '../rooms/dialog-ends.ts';
import type { Attempts } from './fork.ts';
import type { Forks, Target } from './forks.ts';

/** What requests to the devices of a user are forked with. */
export interface UserForksOptions {
  readonly instance: string;
  readonly realm: string;
  readonly date: DateText;
  readonly responder: Pick<Responder, 'reply'>;
  readonly forks: Pick<Forks, 'begin'>;
  readonly ends: Pick<DialogEnds, 'recordedFrom' | 'isEnd' | 'tokenFor'>;
}

/** Forks requests other than messages to the devices of a user, by q and as their senders ask. */
export class UserForks {
  private readonly options: UserForksOptions;

  constructor(options: UserForksOptions) {
    this.options = options;
  }

  /**
   * Begins with one request.
   *
   * @param targets - bindings of the account
   * @spec RFC 3261 §16.6, RFC 3841 §9.1, RFC 5393 §5.3.3
   */
  begin(
    transaction: ServerTransaction,
    request: SipRequest,
    account: string,
    targets: readonly Binding[],
    origin: Origin,
  ): void {
    const { ends, forks, responder, realm, date } = this.options;
    const breadth = breadthOf(request);
    if (breadth < 1) {
      responder.reply(transaction, 440);
      return;
    }
    const shown = identified(forwardedRequest(request, { realm, date: date.line() }), origin, false);
    const isOfPair = origin.account !== '' && targets.every((binding) => ends.isEnd(binding));
    const forwarded = makesDialog(request)
      ? ends.recordedFrom(shown, transaction.flow, origin.account, isOfPair)
      : shown;
    const wanted = targetsOf(request, targets).slice(0, isDirected(request, 'no-fork') ? 1 : undefined);
    const groups = targetGroups(wanted, isDirected(request, 'sequential') ? 1 : breadth).map((group) => {
      const copy = withBreadth(forwarded, group.length);
      return group.map(([first, ...others]): Attempts<Target> => [
        this.targetAt(copy, first, account, isOfPair),
        ...others.map((binding) => this.targetAt(copy, binding, account, isOfPair)),
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
}
