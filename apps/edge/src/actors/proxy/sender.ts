import type { Bus } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random, Result, TransportFailure } from '@parley/prelude';
import { ok, randomToken } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { serialise, withTop } from '@parley/sip';
import type { DnsPort, Flow, Hop, TargetUri } from '@parley/sip-stack';
import { createBranchSource, magicCookie, resolveTarget } from '@parley/sip-stack';
import type { TransactionLayer } from '@parley/sip-stack';
import { nodeBytes } from '@parley/service';
import { udpPeerOf } from '../../flows/flow-name.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import type { OwnUris } from '../../flows/own-uris.ts';
import { rawRecordRoute } from '../../routing/raw-route.ts';
import { isSecureRequest } from '../../routing/secure-targets.ts';
import type { Way } from '../../routing/way.ts';
import type { BranchUser } from './branch-user.ts';
import type { HopRest } from './hop-rest.ts';
import { HopUser } from './hop-user.ts';
import type { LargeRequests } from './large-requests.ts';
import type { PeerEdges } from './peer-edges.ts';
import type { RemoteBranches } from './remote-branches.ts';
import { responseIn } from './remote-branches.ts';

export type { BranchUser } from './branch-user.ts';

/** How the branch of our Via begins, magic cookie included; or the whole of it, where a repetition has to be recognised. */
export type BranchMark = string | { readonly exactly: string };

/** What a sender is built from. */
export interface SenderOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly instance: string;
  readonly layer: Pick<TransactionLayer, 'sendRequest' | 'sendAck'>;
  readonly flows: FlowTable;
  readonly uris: Pick<OwnUris, 'route'>;
  readonly dns: DnsPort;
  readonly flowTo: (hop: Hop) => Flow;
  readonly large: LargeRequests;
  readonly rest: HopRest;
  readonly edges: PeerEdges;
  readonly remote: RemoteBranches;
  /** A flow of another edge turned out to be gone. */
  readonly onDeadFlow: (instance: string, flow: string) => void;
}

/** How long another edge may take, in milliseconds: a little above Timer F; an INVITE may ring. */
const remotePatience = { invite: 900_000, other: 33_000 };

/** Sends requests on their way: over a flow, by another edge, or to where a URI says. */
export class Sender {
  private readonly options: SenderOptions;
  private readonly nextBranch: (beginning: string) => string;

  constructor(options: SenderOptions) {
    this.options = options;
    this.nextBranch = createBranchSource(options.random);
  }

  /**
   * Sends one branch; at once where the flow is at hand.
   *
   * @param mark - what our Via says of it
   */
  send(request: SipRequest, way: Way | undefined, user: BranchUser, mark: BranchMark): void {
    switch (way?.kind) {
      case 'flow':
        this.sendOver(request, this.options.flows.find(way.flow), user, mark, way.record);
        return;
      case 'uri':
        void this.sendTo(request, way, user, mark);
        return;
      case 'edge':
        void this.sendBy(request, way, user, mark);
        return;
      case undefined:
        user.lose(480);
    }
  }

  /** Sends the ACK of a 2xx, which has no transaction. @spec RFC 3261 §16.10 */
  acknowledge(ack: SipRequest, way: Way | undefined): void {
    switch (way?.kind) {
      case 'flow':
        this.acknowledgeOver(ack, this.options.flows.find(way.flow));
        return;
      case 'uri':
        void this.flowFor(way.uri, way.serverName).then((flow) => {
          this.acknowledgeOver(ack, flow);
        });
        return;
      case 'edge': {
        const { bus, clock } = this.options;
        const subject = instanceSubject('edge', way.instance, 'egress');
        const command = { commandId: '', flow: way.flow, request: serialise(ack, nodeBytes), timeoutMs: 0 };
        void bus.request(subject, rpc.egress, command, { deadline: clock.now() + remotePatience.other });
        return;
      }
      case undefined:
    }
  }

  private acknowledgeOver(ack: SipRequest, flow: Flow | undefined): void {
    if (flow !== undefined) this.options.layer.sendAck(ack, flow);
  }

  /** The flow to the first hop for a URI. @spec RFC 3263 §4 */
  async flowFor(uri: TargetUri, serverName?: string): Promise<Flow | undefined> {
    const hops = await this.hopsTo(uri, serverName);
    return hops.ok && hops.value[0] !== undefined ? this.options.flowTo(hops.value[0]) : undefined;
  }

  /** Where a URI leads, what failed lately last. */
  private async hopsTo(
    uri: TargetUri,
    serverName: string | undefined,
  ): Promise<Result<readonly Hop[], TransportFailure>> {
    const { dns, random, rest } = this.options;
    const hops = await resolveTarget(uri, dns, random);
    if (!hops.ok) return hops;
    return ok(rest.order(serverName === undefined ? hops.value : hops.value.map((hop) => ({ ...hop, serverName }))));
  }

  /** {@link send} over a flow that was found already. */
  sendOver(request: SipRequest, flow: Flow | undefined, user: BranchUser, mark: BranchMark, record?: string): void {
    if (flow === undefined) user.lose(480);
    else if (flow.protocol === 'UDP' && this.options.large.isLarge(request)) {
      this.options.large.send(request, flow, user, (over, teller) => {
        this.begin(request, over, teller, mark, record);
      });
    } else this.begin(request, flow, user, mark, record);
  }

  private begin(request: SipRequest, flow: Flow, user: BranchUser, mark: BranchMark, record: string | undefined): void {
    const recorded = record === undefined ? request : this.recorded(request, flow, record);
    user.sent(this.options.layer.sendRequest(recorded, flow, user, { branch: this.branchFrom(mark) }));
  }

  /** Our Record-Route towards the next hop, in the transport that it is reached over. @spec RFC 5658 §4 */
  private recorded(request: SipRequest, { protocol }: Flow, token: string): SipRequest {
    return withTop(request, rawRecordRoute, this.options.uris.route(token, protocol, isSecureRequest(request)));
  }

  private branchFrom(mark: BranchMark): string {
    return typeof mark === 'string' ? this.nextBranch(mark) : mark.exactly;
  }

  /** Tries the hops of a URI in turn; each attempt is a transaction of its own. @spec RFC 3263 §4.3 */
  private async sendTo(
    request: SipRequest,
    way: Extract<Way, { kind: 'uri' }>,
    user: BranchUser,
    mark: BranchMark,
  ): Promise<void> {
    const { uri, serverName } = way;
    const hops = await this.hopsTo(uri, serverName);
    if (hops.ok) this.tryHops(request, hops.value, user, mark, way.record);
    else user.lose(hops.error.retryable ? 480 : 404, `no way to ${uri.host}: ${hops.error.message}`);
  }

  private tryHops(
    request: SipRequest,
    [hop, ...others]: readonly Hop[],
    user: BranchUser,
    mark: BranchMark,
    record: string | undefined,
  ): void {
    if (hop === undefined) return;
    const { rest, flowTo } = this.options;
    const next = (): void => {
      this.tryHops(request, others, user, mark, record);
    };
    const teller = new HopUser(user, {
      note: () => {
        rest.failed(hop);
      },
      next: others.length === 0 ? undefined : next,
    });
    this.sendOver(request, flowTo(hop), teller, mark, record);
  }

  /** One hop over the bus, to the edge that holds the flow. */
  private async sendBy(
    request: SipRequest,
    way: Extract<Way, { kind: 'edge' }>,
    user: BranchUser,
    mark: BranchMark,
  ): Promise<void> {
    const { bus, clock, edges, remote } = this.options;
    const { instance, flow } = way;
    if (!(await edges.isAlive(instance))) {
      this.edgeIsGone(request, way, user, mark);
      return;
    }
    const isInvite = request.method === 'INVITE';
    const command = this.commandFor(request, way, mark);
    const subject = instanceSubject('edge', instance, 'egress');
    const deadline = clock.now() + (isInvite ? remotePatience.invite : remotePatience.other);
    const asked = bus.request(subject, rpc.egress, command, { deadline });
    // Only now, so that a CANCEL that waits for it does not overtake the INVITE.
    if (isInvite) remote.begin(command.commandId, instance, user);
    const reply = await asked;
    if (isInvite) remote.settled(command.commandId);
    if (reply.ok) takeReply(reply.value, user);
    else user.lose(480, `the edge that holds ${flow} did not answer`);
  }

  private commandFor(
    request: SipRequest,
    { flow, record }: Extract<Way, { kind: 'edge' }>,
    mark: BranchMark,
  ): edge.EgressCommand {
    const { random, instance } = this.options;
    return {
      commandId: magicCookie + randomToken(random, 24),
      flow,
      request: serialise(request, nodeBytes),
      timeoutMs: 0,
      branch: this.branchFrom(mark),
      ...(record === undefined ? {} : { record }),
      ...(request.method === 'INVITE' ? { teller: instance } : {}),
    };
  }

  /** A flow over UDP can be tried from here; a connection went with its edge. */
  private edgeIsGone(
    request: SipRequest,
    { instance, flow, record }: Extract<Way, { kind: 'edge' }>,
    user: BranchUser,
    mark: BranchMark,
  ): void {
    if (udpPeerOf(flow) === undefined) {
      this.options.onDeadFlow(instance, flow);
      user.lose(480);
    } else this.sendOver(request, this.options.flows.find(flow), user, mark, record);
  }
}

function takeReply({ outcome }: edge.EgressReply, user: BranchUser): void {
  const response = outcome?.kind === 'response' ? responseIn(outcome.value) : undefined;
  if (response === undefined) user.lose(480);
  else user.take(response);
}
