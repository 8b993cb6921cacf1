import type { Bus } from '@parley/bus';
import type { Clock } from '@parley/prelude';
import { edge, instanceSubject } from '@parley/contracts';
import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse, SipUri } from '@parley/sip';
import { field, parseSipMessage, read, serialise, withTop } from '@parley/sip';
import type { ClientTransaction, Flow, TransactionLayer } from '@parley/sip-stack';
import { flowNameOf } from '../../flows/flow-name.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import type { FlowTokens } from '../../flows/flow-token.ts';
import type { OwnUris } from '../../flows/own-uris.ts';
import { takeOwnRoutes } from '../../routing/own-route.ts';
import { rawRecordRoute } from '../../routing/raw-route.ts';
import { isSecureRequest } from '../../routing/secure-targets.ts';
import { wayByText, wayByUri } from '../../routing/way.ts';
import { EgressWaiter, failure } from './egress-waiter.ts';
import type { Sender } from '../proxy/sender.ts';
import { ServiceAcks } from './service-acks.ts';

/** What the desk is built from. */
export interface EgressDeskOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly layer: TransactionLayer;
  readonly sender: Sender;
  readonly flows: FlowTable;
  readonly tokens: FlowTokens;
  readonly uris: Pick<OwnUris, 'route'>;
  readonly isOwnUri: (uri: SipUri) => boolean;
}

/** Milliseconds for which the outcome of a command is remembered: longer than anybody repeats one. */
const memory = 64_000;
/** Outcomes remembered at most, some 1 kB each; the oldest go first. */
const mostRemembered = 16_384;

/** Sends requests for services over the flows of this edge; the same command id sends once. */
export class EgressDesk {
  private readonly options: EgressDeskOptions;
  private underWay = 0;
  private readonly known = new Map<string, Promise<edge.EgressReply>>();
  /** INVITEs without a final response, by the command that they came with. */
  private readonly invites = new Map<string, ClientTransaction>();
  /** Commands that were cancelled while their way was still looked up. */
  private readonly cancelledEarly = new Set<string>();
  private readonly acks: ServiceAcks;

  constructor(options: EgressDeskOptions) {
    this.options = options;
    this.acks = new ServiceAcks(options.clock, options.layer);
  }

  /** Commands whose request has no final response yet. */
  get size(): number {
    return this.underWay;
  }

  /** Carries a command out, or answers it as before. */
  take(command: edge.EgressCommand): Promise<edge.EgressReply> {
    const { commandId } = command;
    if (command.cancel === true) return Promise.resolve(this.cancel(commandId));
    const before = commandId === '' ? undefined : this.known.get(commandId);
    if (before !== undefined) return before;
    const reply = this.count(command);
    if (commandId !== '') this.remember(commandId, reply);
    return reply;
  }

  /** Cancels an INVITE of another edge; its own final response answers that one's command. @spec RFC 3261 §16.10 */
  private cancel(commandId: string): edge.EgressReply {
    const client = this.invites.get(commandId);
    if (client !== undefined) this.options.layer.cancel(client);
    else if (this.known.has(commandId)) this.cancelledEarly.add(commandId);
    return { outcome: undefined };
  }

  private noteInvite(commandId: string, client: ClientTransaction, waiter: EgressWaiter): void {
    if (commandId === '') return;
    this.invites.set(commandId, client);
    waiter.whenDone(() => this.invites.delete(commandId));
    if (this.cancelledEarly.delete(commandId)) this.options.layer.cancel(client);
  }

  private tell(teller: string, commandId: string, response: SipResponse): void {
    const news = { commandId, response: serialise(response, nodeBytes) };
    this.options.bus.publish(instanceSubject('edge', teller, 'branches'), edge.BranchNews, news);
  }

  private async count(command: edge.EgressCommand): Promise<edge.EgressReply> {
    this.underWay++;
    try {
      return await this.carryOut(command);
    } finally {
      this.underWay--;
    }
  }

  private remember(commandId: string, reply: Promise<edge.EgressReply>): void {
    this.known.set(commandId, reply);
    const [oldest] = this.known.keys();
    if (this.known.size > mostRemembered && oldest !== undefined) this.known.delete(oldest);
    void reply.then(() => {
      this.options.clock.after(memory, () => this.known.delete(commandId));
      this.cancelledEarly.delete(commandId);
    });
  }

  private async carryOut(command: edge.EgressCommand): Promise<edge.EgressReply> {
    const { request: bytes, flow: flowName } = command;
    const parsed = parseSipMessage(bytes, { codec: nodeBytes });
    if (!parsed.ok || parsed.value.kind !== 'request') return failure('the request cannot be read', false);
    const { request, tokens } = takeOwnRoutes(parsed.value, this.options.isOwnUri);
    const flow = await this.flowFor(request, flowName, tokens.at(-1));
    if (flow === undefined) return failure('no way to the recipient', true);
    if (request.method === 'ACK') return this.acknowledge(request, flow);
    return await this.exchange(this.recorded(request, flow, command), flow, command);
  }

  /** The flow that was named, else that of our Record-Route, else where Route and Request-URI lead. @spec RFC 3261 §16.6 (6, 7) */
  private async flowFor(request: SipRequest, name: string, token: string | undefined): Promise<Flow | undefined> {
    const { flows, tokens, sender } = this.options;
    const named = name === '' ? undefined : flows.find(name);
    if (named !== undefined) return named;
    const sealed = token === undefined ? undefined : tokens.open(token);
    const recorded = sealed && flows.find(sealed.flow);
    if (recorded !== undefined) return recorded;
    const route = read(request, field.route);
    const way = route.ok && route.value !== undefined ? wayByUri(route.value.uri) : wayByText(request.requestUri);
    return way?.kind === 'uri' ? await sender.flowFor(way.uri) : undefined;
  }

  /**
   * With the Record-Route towards the recipient that another edge or a service asks for: only this one knows its own name, and
   * the flow to who is no device of ours.
   */
  private recorded(request: SipRequest, flow: Flow, { record }: edge.EgressCommand): SipRequest {
    if (record === undefined) return request;
    const { tokens, uris } = this.options;
    const isOfFlowTaken = record === '';
    const token = isOfFlowTaken ? tokens.seal({ flow: flowNameOf(flow) }) : record;
    return withTop(request, rawRecordRoute, uris.route(token, flow.protocol, isSecureRequest(request)));
  }

  private acknowledge(ack: SipRequest, flow: Flow): edge.EgressReply {
    this.acks.send(ack, flow);
    return { outcome: undefined };
  }

  private exchange(
    request: SipRequest,
    flow: Flow,
    { commandId, timeoutMs, branch, teller }: edge.EgressCommand,
  ): Promise<edge.EgressReply> {
    return new Promise((resolve) => {
      const waiter = new EgressWaiter(resolve, (response) => {
        if (teller !== undefined) this.tell(teller, commandId, response);
        else if (response.statusCode >= 200 && response.statusCode < 300) this.acks.repeat(response);
      });
      const client = this.options.layer.sendRequest(request, flow, waiter, branch === undefined ? {} : { branch });
      if (request.method === 'INVITE') this.noteInvite(commandId, client, waiter);
      if (timeoutMs === 0) return;
      const cancel = this.options.clock.after(timeoutMs, () => {
        if (request.method === 'INVITE') this.options.layer.cancel(client);
        waiter.onTimeout();
      });
      waiter.whenDone(cancel);
    });
  }
}
