import type { edge } from '@parley/contracts';
import { nodeBytes } from '@parley/service';
import type { SipResponse } from '@parley/sip';
import { field, serialise, withoutFirst } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import type { BranchUser } from '../proxy/sender.ts';

/** Waits for the final response of one request. */
export class EgressWaiter implements BranchUser {
  private readonly resolve: (reply: edge.EgressReply) => void;
  private readonly tell: (response: SipResponse) => void;
  private readonly done: (() => void)[] = [];
  private ended = false;

  /** @param tell - hears every other response, without our Via */
  constructor(resolve: (reply: edge.EgressReply) => void, tell: (response: SipResponse) => void) {
    this.resolve = resolve;
    this.tell = tell;
  }

  whenDone(done: () => void): void {
    this.done.push(done);
  }

  sent(_client: ClientTransaction): void {}

  onProvisional(response: SipResponse): void {
    if (response.statusCode > 100) this.tell(withoutFirst(response, field.via));
  }

  onFinal(response: SipResponse): void {
    const passed = withoutFirst(response, field.via);
    if (this.ended) this.tell(passed);
    else this.take(passed);
  }

  onTimeout(): void {
    this.end(failure('no final response in time', true));
  }

  onTransportError(): void {
    this.end(failure('the flow is gone', true));
  }

  take(response: SipResponse): void {
    this.end({ outcome: { kind: 'response', value: serialise(response, nodeBytes) } });
  }

  lose(): void {
    this.end(failure('no way to the recipient', true));
  }

  private end(reply: edge.EgressReply): void {
    this.ended = true;
    for (const done of this.done) done();
    this.resolve(reply);
  }
}

/** What a service hears of a request that got no answer. */
export function failure(reason: string, retryable: boolean): edge.EgressReply {
  return { outcome: { kind: 'failure', value: { reason, retryable } } };
}
