import type { Cancel, Clock } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { AcceptedInvite, AcceptedInviteEffect, AcceptedInviteInput, ServerTransaction } from '@parley/sip-stack';
import { acceptInvite, defaultTimers, stepAcceptedInvite } from '@parley/sip-stack';
import { acceptedKey } from './accepted-key.ts';
import type { Responder } from '../entry/responder.ts';

interface Waiting {
  readonly transaction: ServerTransaction;
  readonly response: SipResponse;
  state: AcceptedInvite;
  cancel: Cancel;
}

/** The 2xx of services that wait for their ACK: sent again and again until it comes. @spec RFC 3261 §13.3.1.4 */
export class Acknowledgements implements Disposable {
  private readonly clock: Clock;
  private readonly responder: Pick<Responder, 'send'>;
  private readonly unanswered: (request: SipRequest, response: SipResponse) => void;
  private readonly waiting = new Map<string, Waiting>();

  /** @param unanswered - hears of a 2xx that nobody acknowledged in 64*T1 */
  constructor(
    clock: Clock,
    responder: Pick<Responder, 'send'>,
    unanswered: (request: SipRequest, response: SipResponse) => void,
  ) {
    this.clock = clock;
    this.responder = responder;
    this.unanswered = unanswered;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** The 2xx was sent for the first time. */
  expect(transaction: ServerTransaction, response: SipResponse): void {
    const key = acceptedKey(response);
    const [state, effects] = acceptInvite(this.clock.now(), defaultTimers);
    const waiting: Waiting = { transaction, response, state, cancel: () => {} };
    this.waiting.get(key)?.cancel();
    this.waiting.set(key, waiting);
    this.perform(key, waiting, effects);
  }

  /** An ACK came. @returns the INVITE that it is for; undefined when it is none of ours */
  acknowledge(ack: SipRequest): SipRequest | undefined {
    const key = acceptedKey(ack);
    const waiting = this.waiting.get(key);
    if (waiting !== undefined) this.step(key, waiting, { kind: 'Ack' });
    return waiting?.transaction.request;
  }

  [Symbol.dispose](): void {
    for (const { cancel } of this.waiting.values()) cancel();
    this.waiting.clear();
  }

  private step(key: string, waiting: Waiting, input: AcceptedInviteInput): void {
    const [state, effects] = stepAcceptedInvite(waiting.state, input, defaultTimers);
    waiting.state = state;
    if (state.state !== 'Unacknowledged') {
      waiting.cancel();
      this.waiting.delete(key);
    }
    this.perform(key, waiting, effects);
  }

  private perform(key: string, waiting: Waiting, effects: readonly AcceptedInviteEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'SendResponse':
          this.responder.send(waiting.transaction, waiting.response);
          break;
        case 'Wake':
          waiting.cancel = this.clock.after(Math.max(0, effect.at - this.clock.now()), () => {
            this.step(key, waiting, { kind: 'Time', now: this.clock.now() });
          });
          break;
        case 'EndSession':
          this.unanswered(waiting.transaction.request, waiting.response);
      }
    }
  }
}
