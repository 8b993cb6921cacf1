import type { Bus } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { parseSipMessage, serialise } from '@parley/sip';
import type { ClientTransaction, DnsPort, Flow, Hop, ResponseUser, TargetUri } from '@parley/sip-stack';
import { magicCookie, resolveTarget } from '@parley/sip-stack';
import type { TransactionLayer } from '@parley/sip-stack';
import { nodeBytes } from '@parley/service';
import type { FlowTable } from '../flows/flow-table.ts';
import { udpPeerOf } from '../flows/flow-name.ts';
import type { PeerEdges } from './peer-edges.ts';
import type { Way } from '../routing/way.ts';

/** Who waits for one branch: what its transaction says, and what no transaction can. */
export interface BranchUser extends ResponseUser {
  /** The transaction began. */
  sent(client: ClientTransaction): void;
  /** A response that came by another edge, without our Via. */
  take(response: SipResponse): void;
  /** Nobody could be asked. */
  lose(status: 480): void;
}

/** How the branch of our Via begins, magic cookie included; or the whole of it, where a repetition has to be recognised. */
export type BranchMark = string | { readonly exactly: string };

/** What a sender is built from. */
export interface SenderOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly layer: TransactionLayer;
  readonly flows: FlowTable;
  readonly dns: DnsPort;
  readonly flowTo: (hop: Hop) => Flow;
  readonly peers: PeerEdges;
  /** A flow of another edge turned out to be gone. */
  readonly onDeadFlow: (instance: string, flow: string) => void;
}

/** How long another edge may take, in milliseconds: a little above Timer F. */
const remotePatience = 33_000;

/** Sends requests on their way: over a flow, by another edge, or to where a URI says. */
export class Sender {
  private readonly options: SenderOptions;

  constructor(options: SenderOptions) {
    this.options = options;
  }

  /**
   * Sends one branch; at once where the flow is at hand.
   *
   * @param mark - what our Via says of it
   */
  send(request: SipRequest, way: Way | undefined, user: BranchUser, mark: BranchMark): void {
    switch (way?.kind) {
      case 'flow':
        this.sendOver(request, this.options.flows.find(way.flow), user, mark);
        return;
      case 'uri':
        void this.sendTo(request, way.uri, user, mark);
        return;
      case 'edge':
        void this.sendBy(request, way.instance, way.flow, user, mark);
        return;
      case undefined:
        user.lose(480);
    }
  }

  /** The flow to the first hop for a URI. @spec RFC 3263 §4 */
  async flowFor(uri: TargetUri): Promise<Flow | undefined> {
    const [first] = await this.hopsTo(uri);
    return first && this.options.flowTo(first);
  }

  private async hopsTo(uri: TargetUri): Promise<readonly Hop[]> {
    const hops = await resolveTarget(uri, this.options.dns, this.options.random);
    return hops.ok ? hops.value : [];
  }

  private sendOver(request: SipRequest, flow: Flow | undefined, user: BranchUser, mark: BranchMark): void {
    if (flow === undefined) user.lose(480);
    else user.sent(this.options.layer.sendRequest(request, flow, user, { branch: this.branchFrom(mark) }));
  }

  private branchFrom(mark: BranchMark): string {
    return typeof mark === 'string' ? mark + randomToken(this.options.random, 16) : mark.exactly;
  }

  /** Tries the hops of a URI in turn; each attempt is a transaction of its own. @spec RFC 3263 §4.3 */
  private async sendTo(request: SipRequest, uri: TargetUri, user: BranchUser, mark: BranchMark): Promise<void> {
    this.tryHops(request, await this.hopsTo(uri), user, mark);
  }

  private tryHops(request: SipRequest, [hop, ...others]: readonly Hop[], user: BranchUser, mark: BranchMark): void {
    const tryNext = (): void => {
      this.tryHops(request, others, user, mark);
    };
    const teller = others.length === 0 ? user : new HopUser(user, tryNext);
    this.sendOver(request, hop && this.options.flowTo(hop), teller, mark);
  }

  /** One hop over the bus, to the edge that holds the flow. */
  private async sendBy(
    request: SipRequest,
    instance: string,
    flow: string,
    user: BranchUser,
    mark: BranchMark,
  ): Promise<void> {
    const { bus, clock, peers } = this.options;
    if (!(await peers.isAlive(instance))) {
      this.edgeIsGone(request, instance, flow, user, mark);
      return;
    }
    const bytes = serialise(request, nodeBytes);
    const commandId = magicCookie + randomToken(this.options.random, 24);
    const command: edge.EgressCommand = {
      commandId,
      flow,
      request: bytes,
      timeoutMs: 0,
      branch: this.branchFrom(mark),
    };
    const subject = instanceSubject('edge', instance, 'egress');
    const reply = await bus.request(subject, rpc.egress, command, { deadline: clock.now() + remotePatience });
    if (reply.ok) takeReply(reply.value, user);
    else user.lose(480);
  }

  /** A flow over UDP can be tried from here; a connection went with its edge. */
  private edgeIsGone(request: SipRequest, instance: string, flow: string, user: BranchUser, mark: BranchMark): void {
    if (udpPeerOf(flow) === undefined) {
      this.options.onDeadFlow(instance, flow);
      user.lose(480);
    } else this.sendOver(request, this.options.flows.find(flow), user, mark);
  }
}

/** Passes on what a hop says, save that it cannot be reached: then the next is tried. @spec RFC 3263 §4.3 */
class HopUser implements BranchUser {
  private readonly user: BranchUser;
  private readonly tryNext: () => void;

  constructor(user: BranchUser, tryNext: () => void) {
    this.user = user;
    this.tryNext = tryNext;
  }

  sent(client: ClientTransaction): void {
    this.user.sent(client);
  }

  onProvisional(response: SipResponse, client: ClientTransaction): void {
    this.user.onProvisional(response, client);
  }

  onFinal(response: SipResponse, client: ClientTransaction): void {
    if (response.statusCode === 503) this.tryNext();
    else this.user.onFinal(response, client);
  }

  onTimeout(client: ClientTransaction): void {
    this.user.onTimeout(client);
  }

  onTransportError(): void {
    this.tryNext();
  }

  take(response: SipResponse): void {
    this.user.take(response);
  }

  lose(): void {
    this.tryNext();
  }
}

function takeReply({ outcome }: edge.EgressReply, user: BranchUser): void {
  const parsed = outcome?.kind === 'response' ? parseSipMessage(outcome.value, { codec: nodeBytes }) : undefined;
  if (parsed?.ok === true && parsed.value.kind === 'response') user.take(parsed.value);
  else user.lose(480);
}
