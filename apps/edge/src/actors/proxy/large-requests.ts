import type { Clock, Random, TransportFailure } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo, octetsAtMost } from '@parley/sip';
import type { ClientTransaction, Endpoint, Flow, Hop } from '@parley/sip-stack';
import type { BranchUser } from './branch-user.ts';
import { PassingUser } from './passing-user.ts';

/** Octets above which a request does not go over UDP at first, where the path MTU is not known. @spec RFC 3261 §18.1.1 */
const mostOverUdp = 1300;
/** Octets of the largest datagram over IPv4. */
const mostInDatagram = 65_507;
/** Octets that the Via and the Record-Route of this hop may still add. */
const stillToCome = 150;
/** Milliseconds for a peer to take a connection: one behind a NAT says nothing at all. */
const connectPatience = 1_000;
/** Milliseconds for which a peer that took no connection is not asked again. */
const memory = 600_000;
/** Characters of a tag. @spec RFC 3261 §19.3 */
const tagLength = 16;
/** Such peers remembered at most; the oldest go first. */
const mostRemembered = 65_536;

/** What large requests are sent with. */
export interface LargeRequestsOptions {
  readonly clock: Clock;
  /** Makes tags. */
  readonly random: Random;
  /** The flow to a hop once its connection stands; undefined when it does not. */
  readonly connect: (hop: Hop) => Promise<Flow | undefined>;
}

/** Begins the transaction over a flow. */
type Begin = (flow: Flow, user: BranchUser) => void;

/**
 * Takes requests that are too large for one datagram to peers over UDP by TCP, where they take it; by UDP where they do
 * not. One that no datagram holds is answered 413 there, for good: kept until the peer takes TCP, it would hold up all mail
 * behind it.
 *
 * @spec RFC 3261 §18.1.1
 * @deviation RFC 3261 §18.1.1 falls back at a reset or an ICMP error; a device behind a NAT causes neither, so silence
 * counts as one
 */
export class LargeRequests {
  private readonly options: LargeRequestsOptions;
  private readonly udpOnly = new Map<string, number>();

  constructor(options: LargeRequestsOptions) {
    this.options = options;
  }

  isLarge(request: SipRequest): boolean {
    return octetsAtMost(request) > mostOverUdp - stillToCome;
  }

  /** Sends over TCP to where the flow over UDP leads, else over that. */
  send(request: SipRequest, udp: Flow, user: BranchUser, begin: Begin): void {
    const byUdp = (): void => {
      if (octetsAtMost(request) + stillToCome <= mostInDatagram) begin(udp, user);
      else user.take(this.refusal(request));
    };
    const until = this.udpOnly.get(nameOf(udp.remote));
    if (until !== undefined && until > this.options.clock.now()) byUdp();
    else void this.sendByTcp(udp, user, begin, byUdp);
  }

  private async sendByTcp(udp: Flow, user: BranchUser, begin: Begin, byUdp: () => void): Promise<void> {
    const { address, port } = udp.remote;
    const flow = await this.inTime(this.options.connect({ protocol: 'TCP', address, port, serverName: '' }));
    const instead = (): void => {
      this.remember(udp.remote);
      byUdp();
    };
    if (flow === undefined) instead();
    else begin(flow, new TcpUser(user, instead));
  }

  private refusal(request: SipRequest): SipResponse {
    return createResponseTo(request, 413, undefined, { toTag: randomToken(this.options.random, tagLength) });
  }

  private inTime(connected: Promise<Flow | undefined>): Promise<Flow | undefined> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(connectPatience, () => {
        resolve(undefined);
      });
      void connected.then((flow) => {
        cancel();
        resolve(flow);
      });
    });
  }

  private remember(remote: Endpoint): void {
    const name = nameOf(remote);
    this.udpOnly.delete(name);
    this.udpOnly.set(name, this.options.clock.now() + memory);
    const [oldest] = this.udpOnly.keys();
    if (this.udpOnly.size > mostRemembered && oldest !== undefined) this.udpOnly.delete(oldest);
  }
}

function nameOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** Passes on what comes over the connection, save that it broke before anything did. */
class TcpUser extends PassingUser {
  private readonly byUdp: () => void;

  constructor(user: BranchUser, byUdp: () => void) {
    super(user);
    this.byUdp = byUdp;
  }

  override onTransportError(client: ClientTransaction, failure: TransportFailure): void {
    if (this.heard) super.onTransportError(client, failure);
    else this.byUdp();
  }
}
