import type { RawField, SipRequest } from '@parley/sip';
import type { Challenger, Flow, ServerTransaction } from '@parley/sip-stack';
import { challengeStatus } from '@parley/sip-stack';
import type { Account } from '../../accounts/account.ts';
import type { BearerError } from '../../authentication/bearer/bearer-token.ts';
import type { Gate } from '../../authentication/gate.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Responder } from './responder.ts';

/** What a doorkeeper is built from. */
export interface DoorkeeperOptions {
  readonly gate: Gate;
  readonly responder: Responder;
  readonly telemetry: Pick<Telemetry, 'admission'>;
  /** The challenges for a request. */
  readonly challenges: (
    request: SipRequest,
    challenger: Challenger,
    why: { readonly stale: boolean; readonly error?: BearerError },
  ) => readonly RawField[];
  /** Takes a request from its beginning once more. */
  readonly again: (transaction: ServerTransaction) => void;
  /** Hears that the one behind a connection has proved who he is. */
  readonly vouchFor: (flow: Flow) => void;
}

/** Lets requests in, or answers them with a challenge or a refusal. @spec RFC 3261 §22 */
export class Doorkeeper {
  private readonly options: DoorkeeperOptions;

  constructor(options: DoorkeeperOptions) {
    this.options = options;
  }

  /** Whether somebody has proved his account over this flow. */
  knows(flow: Flow): boolean {
    return this.options.gate.knows(flow);
  }

  /** Whose request it is; undefined when it was answered here. */
  admit(transaction: ServerTransaction, request: SipRequest, challenger: Challenger): Account | undefined {
    const { gate, responder, telemetry, challenges, vouchFor, again } = this.options;
    const admission = gate.admit(request, challenger, transaction.flow);
    telemetry.admission(admission.kind);
    switch (admission.kind) {
      case 'admitted':
        if (transaction.flow.reliable) vouchFor(transaction.flow);
        return admission.account;
      case 'challenge': {
        const fields = challenges(request, challenger, admission);
        responder.reply(transaction, challengeStatus(challenger), undefined, fields);
        return undefined;
      }
      case 'later':
        void admission.known.then((refusal) => {
          if (refusal === undefined) again(transaction);
          else responder.refuse(transaction, refusal);
        });
        return undefined;
      case 'refused':
        responder.refuse(transaction, admission.refusal);
        return undefined;
    }
  }
}
