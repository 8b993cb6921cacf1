import type { Bus } from '@parley/bus';
import type { ServerTransaction } from '@parley/sip-stack';
import { cachingDns, challenge, createNonceIssuer, createTransactionLayer } from '@parley/sip-stack';
import type { Challenger, TransactionLayer } from '@parley/sip-stack';
import { nodeDns, vouchFor } from '@parley/sip-stack/node';
import type { SipRequest, SipUri } from '@parley/sip';
import type { Account } from './accounts/account.ts';
import type { AccountBook } from './accounts/account-book.ts';
import { AccountsDesk } from './actors/accounts-desk.ts';
import { ChatRooms } from './actors/chat-rooms.ts';
import { DateText } from './actors/date-text.ts';
import { EgressDesk } from './actors/egress-desk.ts';
import { Ingress } from './actors/ingress.ts';
import type { IngressOptions } from './actors/ingress.ts';
import { PeerEdges } from './actors/peer-edges.ts';
import { RegistrarDesk } from './actors/registrar-desk.ts';
import { Responder } from './actors/responder.ts';
import { Sender } from './actors/sender.ts';
import { UserProxy } from './actors/user-proxy.ts';
import { isOwnUri as isOneOf } from './addresses/is-own-uri.ts';
import { servedNames, uriHost } from './addresses/served-names.ts';
import { Gate } from './authentication/gate.ts';
import { NonceKeys } from './authentication/nonce-keys.ts';
import { nodeHash } from './authentication/node-hash.ts';
import { offeredAlgorithms } from './authentication/offered-algorithms.ts';
import type { EdgeEvents } from './events.ts';
import { FlowTable } from './flows/flow-table.ts';
import { FlowTokens } from './flows/flow-token.ts';
import { OwnUris } from './flows/own-uris.ts';
import type { PublicPorts } from './flows/own-uris.ts';
import type { BindingBook } from './location/binding-book.ts';
import { defaultRegistrarRules } from './registrar/registrar-rules.ts';
import type { EdgeContext } from './service.ts';
import type { Telemetry } from './telemetry.ts';
import { EdgeObserver } from './transports/edge-observer.ts';
import type { Transports } from './transports/transports.ts';

/** What the core is put together from. */
export interface EdgeParts extends EdgeContext {
  readonly bus: Bus;
  readonly events: EdgeEvents;
  readonly telemetry: Telemetry;
  readonly accounts: AccountBook;
  readonly bindings: BindingBook;
  readonly transports: {
    readonly ports: PublicPorts;
    readonly udp: Pick<Transports['udp'], 'flowTo'>;
    readonly connector: Pick<Transports['connector'], 'flowTo'>;
  };
}

/** The parts of an edge that others call. */
export interface EdgeCore extends Disposable {
  readonly host: string;
  readonly ports: PublicPorts;
  readonly observer: EdgeObserver;
  readonly ingress: Ingress;
  readonly egress: EgressDesk;
  readonly accountsDesk: AccountsDesk;
  /** Requests under way. */
  busy(): number;
}

/** Puts the parts of an edge together. */
export function buildEdgeCore(parts: EdgeParts): EdgeCore {
  const { settings, instance, clock, random, bus, events, telemetry, accounts, bindings, transports } = parts;
  const { ports, udp, connector } = transports;
  const host = uriHost(settings.publicHost);
  const uris = new OwnUris(host, ports);
  const names = servedNames(settings, Object.values(ports) as number[]);
  const isOwnUri = (uri: SipUri): boolean => isOneOf(uri, names);
  const flows = new FlowTable((remote) => udp.flowTo(remote));
  const tokens = new FlowTokens(instance, random);
  const date = new DateText(clock);
  const layer: TransactionLayer = createTransactionLayer({
    clock,
    random,
    sentBy: (flow) => uris.sentBy(flow),
    user: () => ingress,
  });
  const responder = new Responder(layer, random, telemetry, settings.domain);
  const keys = new NonceKeys(clock, random);
  const issuer = createNonceIssuer({ instance, keys: () => keys.current(), clock, random });
  const realm = settings.domain;
  const gate = new Gate({
    auth: settings.auth,
    realm,
    names,
    hash: nodeHash,
    issuer,
    findAccount: (name) => accounts.find(name),
  });
  const challenges: IngressOptions['challenges'] = (request, challenger, stale) =>
    challenge(challenger, { realm, nonce: issuer.issue(), algorithms: offeredAlgorithms(request), stale });
  const server = nodeDns(settings.dns && { server: `${uriHost(settings.dns.host)}:${settings.dns.port}` });
  const sender = new Sender({
    bus,
    clock,
    random,
    layer,
    flows,
    dns: cachingDns(server, clock),
    flowTo: (hop) => connector.flowTo(hop),
    peers: new PeerEdges(bus, clock),
    onDeadFlow: (edge, flow) => {
      void bindings.end(bindings.names(), (binding) => binding.edgeInstance === edge && binding.flow === flow);
    },
  });
  const loopSeed = new DataView(random.bytes(4).buffer).getUint32(0);
  const proxy = new UserProxy({
    instance,
    realm,
    clock,
    layer,
    responder,
    sender,
    accounts,
    bindings,
    telemetry,
    date,
    loopSeed,
    flows,
    tokens,
    uris,
  });
  const registrar = new RegistrarDesk({
    instance,
    names,
    rules: { ...defaultRegistrarRules, minExpires: settings.minExpires },
    clock,
    random,
    bindings,
    flows,
    responder,
    date,
    events,
  });
  const admit = (transaction: ServerTransaction, request: SipRequest, challenger: Challenger): Account | undefined =>
    ingress.admit(transaction, request, challenger);
  const rooms = new ChatRooms({
    instance,
    domain: settings.domain,
    chatDomain: names.chatDomain,
    bus,
    clock,
    responder,
    flows,
    tokens,
    uris,
    admit,
    events,
  });
  const ingress: Ingress = new Ingress({
    names,
    maxSize: settings.maxSize,
    loopSeed,
    layer,
    responder,
    gate,
    challenges,
    accounts,
    registrar,
    proxy,
    rooms,
    tokens,
    isOwnUri,
    isOwnSentBy: (sentBy) => uris.isOwn(sentBy),
    vouchFor,
    telemetry,
    events,
  });
  const egress = new EgressDesk({ clock, layer, sender, flows, tokens, isOwnUri });
  const accountsDesk = new AccountsDesk({ domain: settings.domain, clock, hash: nodeHash, accounts, bindings, events });
  accounts.onRemoved((name) => void bindings.removeAll(name));
  telemetry.expose(parts.metrics, {
    registrations: () => bindings.size,
    flows: () => flows.size,
    transactions: () => layer.size,
  });
  return {
    host,
    ports,
    observer: new EdgeObserver(layer, flows, bindings, events),
    ingress,
    egress,
    accountsDesk,
    busy: () => proxy.size + registrar.size + rooms.size + egress.size,
    [Symbol.dispose]() {
      proxy[Symbol.dispose]();
      rooms[Symbol.dispose]();
      layer[Symbol.dispose]();
    },
  };
}
