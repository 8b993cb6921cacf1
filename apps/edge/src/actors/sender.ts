import type { Bus } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { instanceSubject, rpc } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { parseSipMessage, serialise } from '@parley/sip';
import type { ClientTransaction, DnsPort, Flow, Hop, ResponseUser, TargetUri } from '@parley/sip-stack';
import { resolveTarget } from '@parley/sip-stack';
import type { SendOptions, TransactionLayer } from '@parley/sip-stack';
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

  /** Sends one branch; at once where the flow is at hand. */
  send(request: SipRequest, way: Way | undefined, user: BranchUser, branch?: string): void {
    switch (way?.kind) {
      case 'flow':
        this.sendOver(request, this.options.flows.find(way.flow), user, branch);
        return;
      case 'uri':
        void this.sendTo(request, way.uri, user, branch);
        return;
      case 'edge':
        void this.sendBy(request, way.instance, way.flow, user, branch);
        return;
      case undefined:
        user.lose(480);
    }
  }

  /** The first hop for a URI. @spec RFC 3263 §4 */
  async flowFor(uri: TargetUri): Promise<Flow | undefined> {
    const hops = await resolveTarget(uri, this.options.dns, this.options.random);
    const first = hops.ok ? hops.value[0] : undefined;
    return first && this.options.flowTo(first);
  }

  private sendOver(request: SipRequest, flow: Flow | undefined, user: BranchUser, branch: string | undefined): void {
    if (flow === undefined) user.lose(480);
    else user.sent(this.options.layer.sendRequest(request, flow, user, branchOption(branch)));
  }

  private async sendTo(request: SipRequest, uri: TargetUri, user: BranchUser, branch?: string): Promise<void> {
    this.sendOver(request, await this.flowFor(uri), user, branch);
  }

  /** One hop over the bus, to the edge that holds the flow. */
  private async sendBy(
    request: SipRequest,
    instance: string,
    flow: string,
    user: BranchUser,
    branch: string | undefined,
  ): Promise<void> {
    const { bus, clock, random, peers } = this.options;
    const command: edge.EgressCommand = {
      commandId: branch ?? randomToken(random, 26),
      flow,
      request: serialise(request, nodeBytes),
      timeoutMs: 0,
    };
    const subject = instanceSubject('edge', instance, 'egress');
    const reply = (await peers.isAlive(instance))
      ? await bus.request(subject, rpc.egress, command, { deadline: clock.now() + remotePatience })
      : undefined;
    if (reply?.ok !== true) this.edgeIsGone(request, instance, flow, user, branch);
    else takeReply(reply.value, user);
  }

  /** A flow over UDP can be tried from here; a connection went with its edge. */
  private edgeIsGone(request: SipRequest, instance: string, flow: string, user: BranchUser, branch?: string): void {
    if (udpPeerOf(flow) === undefined) {
      this.options.onDeadFlow(instance, flow);
      user.lose(480);
    } else this.sendOver(request, this.options.flows.find(flow), user, branch);
  }
}

function branchOption(branch: string | undefined): SendOptions {
  return branch === undefined ? {} : { branch };
}

function takeReply({ outcome }: edge.EgressReply, user: BranchUser): void {
  const parsed = outcome?.kind === 'response' ? parseSipMessage(outcome.value, { codec: nodeBytes }) : undefined;
  if (parsed?.ok === true && parsed.value.kind === 'response') user.take(parsed.value);
  else user.lose(480);
}
