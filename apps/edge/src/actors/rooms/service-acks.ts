import type { Clock } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { Flow, TransactionLayer } from '@parley/sip-stack';
import { defaultTimers } from '@parley/sip-stack';
import { acceptedKey } from './accepted-key.ts';

/**
 * ACKs of services for the 2xx that their INVITEs got: each 2xx that comes again wants its ACK again, and is no news to
 * the service. Kept for as long as the callee repeats a 2xx, 64*T1.
 *
 * @spec RFC 3261 §13.2.2.4
 */
export class ServiceAcks {
  private readonly clock: Clock;
  private readonly layer: Pick<TransactionLayer, 'sendAck'>;
  private readonly sent = new Map<string, () => void>();

  constructor(clock: Clock, layer: Pick<TransactionLayer, 'sendAck'>) {
    this.clock = clock;
    this.layer = layer;
  }

  /** Sends an ACK, and keeps it. */
  send(ack: SipRequest, flow: Flow): void {
    const key = acceptedKey(ack);
    const again = (): void => {
      this.layer.sendAck(ack, flow);
    };
    this.sent.set(key, again);
    this.clock.after(64 * defaultTimers.t1, () => {
      if (this.sent.get(key) === again) this.sent.delete(key);
    });
    again();
  }

  /** Sends the ACK of a 2xx once more. Nothing happens while the service has sent none: the next copy asks again. */
  repeat(response: SipResponse): void {
    this.sent.get(acceptedKey(response))?.();
  }
}
