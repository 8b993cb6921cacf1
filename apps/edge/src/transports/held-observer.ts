import type { TransportFailure } from '@parley/prelude';
import type { SipMessage } from '@parley/sip';
import type { Flow, FlowObserver } from '@parley/sip-stack';

/** Holds what comes while the edge is still being put together, and passes all of it on from then. */
export class HeldObserver implements FlowObserver {
  private held: ((observer: FlowObserver) => void)[] = [];
  private observer: FlowObserver | undefined;

  /** From now on everything goes to `observer`, what was held first. */
  release(observer: FlowObserver): void {
    this.observer = observer;
    const { held } = this;
    this.held = [];
    for (const tell of held) tell(observer);
  }

  onMessage(message: SipMessage, flow: Flow): void {
    if (this.observer !== undefined) this.observer.onMessage(message, flow);
    else
      this.held.push((observer) => {
        observer.onMessage(message, flow);
      });
  }

  onClosed(flow: Flow, failure: TransportFailure | undefined): void {
    if (this.observer !== undefined) this.observer.onClosed(flow, failure);
    else
      this.held.push((observer) => {
        observer.onClosed(flow, failure);
      });
  }
}
