import type { TransportFailure } from '@parley/prelude';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow, FlowObserver } from '@parley/sip-stack';
import { hearStun } from '@parley/sip-stack/node';
import type { HeadFlow, LoadShedder } from '../actors/entry/load-shedder.ts';
import type { KeepAlives } from '../flows/keep-alives.ts';

/** What is held at most; a peer repeats what is not answered. */
const mostHeld = 10_000;

/** Holds what comes while the edge is still being put together, and passes all of it on from then. */
export class HeldObserver implements FlowObserver {
  private held: ((observer: FlowObserver) => void)[] = [];
  private observer: FlowObserver | undefined;
  private keepAlives: Pick<KeepAlives, 'heard'> | undefined;
  private shedder: Pick<LoadShedder, 'shedUnread'> | undefined;

  /** Answers a keep-alive over UDP. @spec RFC 5626 §5.4 */
  readonly hearStun = (datagram: Buffer, remote: Endpoint): Buffer | undefined => {
    const { isKeepAlive, answer } = hearStun(datagram, remote);
    if (isKeepAlive) this.keepAlives?.heard(remote);
    return answer;
  };

  /**
   * A datagram of line breaks says that its flow lives.
   *
   * @deviation RFC 5626 §4.4.1 has clients send CRLF over connections alone; many phones keep their NAT open with it, and
   * what comes from there proves the flow as well as STUN does. It gets no pong
   */
  readonly hearKeepAlive = (remote: Endpoint): void => {
    this.keepAlives?.heard(remote);
  };

  /** Refuses what comes in a datagram, where there is too much to do. */
  readonly shed = (datagram: Buffer, flow: HeadFlow): boolean => this.shedder?.shedUnread(datagram, flow) ?? false;

  /** From now on everything goes to `observer`, what was held first, keep-alives over UDP count, and load is shed. */
  release(
    observer: FlowObserver,
    keepAlives: Pick<KeepAlives, 'heard'>,
    shedder: Pick<LoadShedder, 'shedUnread'>,
  ): void {
    this.observer = observer;
    this.keepAlives = keepAlives;
    this.shedder = shedder;
    const { held } = this;
    this.held = [];
    for (const tell of held) tell(observer);
  }

  onMessage(message: SipMessage, flow: Flow): void {
    if (this.observer !== undefined) this.observer.onMessage(message, flow);
    else if (this.held.length < mostHeld)
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
