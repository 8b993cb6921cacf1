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
/** Milliseconds for which it has to take none before that counts as its nature: a device may be starting again. */
const proof = 60_000;
/** Characters of a tag. @spec RFC 3261 §19.3 */
const tagLength = 16;
/** Such peers remembered at most; the oldest go first. */
const mostRemembered = 65_536;

/** Between when and when a peer is known to take no connection. */
interface UdpOnly {
  readonly since: number;
  readonly until: number;
}

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
 * not. One that no datagram holds is lost there for now, and answered 413, for good, when the peer takes no connection for a
 * minute: kept until it does, it would hold up all mail behind it.
 *
 * @spec RFC 3261 §18.1.1
 * @deviation RFC 3261 §18.1.1 falls back at a reset or an ICMP error; a device behind a NAT causes neither, so silence
 * counts as one
 */
export class LargeRequests {
  private readonly options: LargeRequestsOptions;
  private readonly udpOnly = new Map<string, UdpOnly>();

  constructor(options: LargeRequestsOptions) {
    this.options = options;
  }

  isLarge(request: SipRequest): boolean {
    return octetsAtMost(request) > mostOverUdp - stillToCome;
  }

  /** Sends over TCP to where the flow over UDP leads, else over that. */
  send(request: SipRequest, udp: Flow, user: BranchUser, begin: Begin): void {
    const fits = octetsAtMost(request) + stillToCome <= mostInDatagram;
    const byUdp = (): void => {
      if (fits) begin(udp, user);
      else if (this.isProved(udp.remote)) user.take(this.refusal(request));
      else user.lose(480, 'no connection was taken, and no datagram holds it');
    };
    const isKnown = fits ? this.known(udp.remote) !== undefined : this.isProved(udp.remote);
    if (isKnown) byUdp();
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

  private known(remote: Endpoint): UdpOnly | undefined {
    const known = this.udpOnly.get(nameOf(remote));
    return known !== undefined && known.until > this.options.clock.now() ? known : undefined;
  }

  private isProved(remote: Endpoint): boolean {
    const known = this.known(remote);
    return known !== undefined && this.options.clock.now() - known.since >= proof;
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
    const now = this.options.clock.now();
    const since = this.known(remote)?.since ?? now;
    this.udpOnly.delete(name);
    this.udpOnly.set(name, { since, until: now + memory });
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
