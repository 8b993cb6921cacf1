import { createHash } from 'node:crypto';
import type { Bus } from '@parley/bus';
import { accountEventSubject, edge } from '@parley/contracts';
import { cachingDns, createTransactionLayer } from '@parley/sip-stack';
import type { DnsPort, ServerTransaction, TransactionLayer, TransactionUser } from '@parley/sip-stack';
import { nodeDigestHash, nodeDns, vouchFor } from '@parley/sip-stack/node';
import { randomToken } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse, SipUri } from '@parley/sip';
import type { AccountBook } from './accounts/account-book.ts';
import { AmendmentDesk } from './actors/amendment-desk.ts';
import { AccountsDesk } from './actors/accounts-desk.ts';
import { buildLists } from './actors/build-lists.ts';
import { ChatRooms } from './actors/chat-rooms.ts';
import { DateText } from './actors/date-text.ts';
import { DeviceAdapter } from './actors/device-adapter.ts';
import { DialogEnds } from './actors/dialog-ends.ts';
import { DispositionDesk } from './actors/disposition-desk.ts';
import { buildDoorkeeper } from './actors/build-doorkeeper.ts';
import type { Doorkeeper } from './actors/doorkeeper.ts';
import { EgressDesk } from './actors/egress-desk.ts';
import { ForeignDoor } from './actors/foreign-door.ts';
import { Forks } from './actors/forks.ts';
import { HopRest } from './actors/hop-rest.ts';
import { Ingress } from './actors/ingress.ts';
import { LoadShedder } from './actors/load-shedder.ts';
import { LargeRequests } from './actors/large-requests.ts';
import type { ListJobs } from './actors/list-jobs.ts';
import { withLocal } from './actors/local-transaction.ts';
import { MailboxDesk } from './actors/mailbox-desk.ts';
import { MailboxNewsDesk } from './actors/mailbox-news-desk.ts';
import { MailboxOwner } from './actors/mailbox-owner.ts';
import { MessageProxy } from './actors/message-proxy.ts';
import { RoomServices } from './actors/room-services.ts';
import { PeerEdges } from './actors/peer-edges.ts';
import { RemoteBranches } from './actors/remote-branches.ts';
import { RegistrationEventsDesk } from './actors/registration-events-desk.ts';
import { Responder } from './actors/responder.ts';
import { Sender } from './actors/sender.ts';
import type { StoredListsDesk } from './actors/stored-lists-desk.ts';
import { UserProxy } from './actors/user-proxy.ts';
import type { ServedNames } from './addresses/destination.ts';
import { isOwnUri as isOneOf } from './addresses/is-own-uri.ts';
import { servedNames, uriHost } from './addresses/served-names.ts';
import { buildRegistrar } from './build-registrar.ts';
import type { RegistrarParts } from './build-registrar.ts';
import type { EdgeEvents } from './events.ts';
import { Peers } from './federation/peers.ts';
import { FlowTable } from './flows/flow-table.ts';
import { isForgedNotification } from './dispositions/forged-notification.ts';
import { FlowTokens } from './flows/flow-token.ts';
import { OwnUris } from './flows/own-uris.ts';
import type { PublicPorts } from './flows/own-uris.ts';
import type { BindingBook } from './location/binding-book.ts';
import type { DeviceBook } from './location/device-book.ts';
import type { MailboxBook } from './location/mailbox-book.ts';
import { historyHooks } from './lists/history-hooks.ts';
import type { ListBook } from './lists/list-book.ts';
import { deviceIdOf } from './mailbox/device.ts';
import type { Inflate } from './mailbox/content.ts';
import { inflateUpTo } from './mailbox/inflate.ts';
import type { DeliveryHooks } from './mailbox/delivery-hooks.ts';
import { mostInflated } from './mailbox/mailbox-rules.ts';
import type { Origin } from './privacy/asserted-identity.ts';
import { replaceHooks } from './replace/replace-hooks.ts';
import { senderKey } from './replace/sender-key.ts';
import type { GruuKeys } from './registrar/gruu-keys.ts';
import { Gruus } from './registrar/gruus.ts';
import type { EdgeContext } from './service.ts';
import type { Telemetry } from './telemetry.ts';
import { NextHopLoad } from './overload/next-hop-load.ts';
import type { Overload } from './overload/overload.ts';
import { exposeOverload } from './overload/overload-gauges.ts';
import { OverloadTalk } from './overload/overload-talk.ts';
import { trustedPeers } from './limits/peer-limits.ts';
import { EdgeObserver } from './transports/edge-observer.ts';
import type { Transports } from './transports/transports.ts';

/** What the core is put together from. */
export interface EdgeParts extends EdgeContext {
  readonly bus: Bus;
  readonly events: EdgeEvents;
  readonly telemetry: Telemetry;
  readonly accounts: AccountBook;
  readonly bindings: BindingBook;
  readonly devices: DeviceBook;
  readonly mailboxes: MailboxBook;
  readonly overload: Overload;
  readonly lists: ListBook;
  /** What all edges share, so that one opens what another sealed. */
  readonly secret: Uint8Array;
  readonly gruuKeys: GruuKeys;
  readonly transports: {
    readonly ports: PublicPorts;
    readonly udp: Pick<Transports['udp'], 'flowTo'>;
    readonly connector: Pick<Transports['connector'], 'flowTo' | 'connect' | 'adopt'>;
  };
}

/** The parts of an edge that others call. */
export interface EdgeCore extends Disposable {
  readonly host: string;
  readonly ports: PublicPorts;
  readonly observer: EdgeObserver;
  readonly ingress: Ingress;
  /** Refuses what comes in datagrams before it is read, when there is too much to do. */
  readonly shedder: LoadShedder;
  readonly egress: EgressDesk;
  readonly accountsDesk: AccountsDesk;
  readonly storedListsDesk: StoredListsDesk;
  readonly keepAlives: RegistrarParts['keepAlives'];
  readonly watchers: RegistrationEventsDesk;
  /** Begins to own mailboxes; to be called once requests can be sent. */
  ownMailboxes(): MailboxOwner;
  /** Begins to carry out what lists accepted; likewise. */
  ownListJobs(): ListJobs;
  /** Requests under way. */
  busy(): number;
}

/** What everything in an edge leans on. */
interface Ground extends EdgeParts {
  readonly names: ServedNames;
  readonly uris: OwnUris;
  readonly flows: FlowTable;
  readonly tokens: FlowTokens;
  readonly date: DateText;
  readonly layer: TransactionLayer;
  readonly responder: Responder;
  readonly talk: OverloadTalk;
  /** The realm of all challenges. */
  readonly realm: string;
  readonly loopSeed: number;
  readonly isOwnUri: (uri: SipUri) => boolean;
  readonly dns: DnsPort;
  readonly gruus: Gruus;
  readonly edges: PeerEdges;
  /** When an account was made, as far as this edge knows; 0: there is none. */
  readonly accountSince: (account: string) => number;
  readonly inflate: Inflate;
  /** Who sent a request, in one spelling. */
  readonly senderOf: (request: SipRequest) => string | undefined;
  /** Whether a request notifies in the name of another. */
  readonly isForged: (request: SipRequest, origin: Origin) => boolean;
}

/** Puts the parts of an edge together. */
export function buildEdgeCore(parts: EdgeParts): EdgeCore {
  const ground: Ground = layGround(parts, () => ingress);
  const { bindings, accounts, events, flows, layer, clock, settings } = ground;
  const remote = new RemoteBranches(ground);
  const sender = buildSender(ground, remote);
  const doorkeeper = buildDoorkeeper({
    ...ground,
    again: (transaction) => {
      ingress.again(transaction);
    },
  });
  const peers = new Peers(settings.peers, ground.dns);
  const mail = buildMail(ground, sender, peers);
  const forks = new Forks({ ...ground, sender });
  const ends = new DialogEnds(ground);
  const proxy = new UserProxy({
    ...ground,
    sender,
    forks,
    ends,
    peers,
    messages: mail.messages,
    amendments: mail.amendments,
  });
  const registrar = buildRegistrar(ground, mail.news);
  const rooms = buildRooms(ground, doorkeeper);
  const lists = buildLists({ ...ground, doorkeeper, proxy });
  const { maxSize, domain } = parts.settings;
  const egress = new EgressDesk({ ...ground, sender });
  const { minExpires } = settings;
  const watchers = new RegistrationEventsDesk({ ...ground, domain, minExpires, doorkeeper, egress });
  const shedder = new LoadShedder({ ...ground, seed: ground.loopSeed });
  const ingress = new Ingress({
    ...ground,
    watchers,
    maxSize,
    doorkeeper,
    registrar: registrar.desk,
    proxy,
    rooms,
    lists: lists.service,
    ends,
    foreign: new ForeignDoor({
      ...ground,
      policy: settings.federation,
      peers,
      vouchFor,
      adopt: (flow, hop) => {
        parts.transports.connector.adopt(flow, hop);
      },
    }),
    shedder,
    flowTo: (hop) => parts.transports.connector.flowTo(hop),
  });
  accounts.onRemoved(({ name, createdAt }) => void bindings.removeAll(name, createdAt));
  exposeGauges(ground);
  exposeOverload(parts.metrics, parts.overload);
  return {
    host: uriHost(parts.settings.publicHost),
    ports: parts.transports.ports,
    observer: new EdgeObserver(layer, flows, bindings, events, ground.talk),
    ingress,
    shedder,
    egress,
    watchers,
    keepAlives: registrar.keepAlives,
    accountsDesk: new AccountsDesk({
      domain,
      clock,
      hash: nodeDigestHash,
      accounts,
      bindings,
      mailboxes: mail.desk,
      lists: parts.lists,
      ends,
      removed: (name) => void parts.bus.publish(accountEventSubject, edge.AccountNews, { removed: name }),
      events,
    }),
    storedListsDesk: lists.admin,
    ownListJobs: () => lists.ownJobs(),
    ownMailboxes: () => ownMailboxes(ground, sender, mail),
    busy: () => proxy.size + registrar.desk.size + watchers.busy + rooms.size + lists.service.size + egress.size,
    [Symbol.dispose]() {
      registrar[Symbol.dispose]();
      watchers[Symbol.dispose]();
      mail.news[Symbol.dispose]();
      mail.messages[Symbol.dispose]();
      forks[Symbol.dispose]();
      remote[Symbol.dispose]();
      rooms[Symbol.dispose]();
      layer[Symbol.dispose]();
    },
  };
}

function layGround(parts: EdgeParts, user: () => TransactionUser): Ground {
  const { settings, instance, clock, random, telemetry, transports } = parts;
  const { ports, udp } = transports;
  const names = servedNames(settings, [ports.sip, ports.sips, ports.sipWs]);
  const uris = new OwnUris(uriHost(settings.publicHost), ports);
  const tokens = new FlowTokens(instance, parts.secret, random);
  const { dns } = settings;
  const inflate = inflateUpTo(mostInflated);
  const server = nodeDns(dns && { server: `${uriHost(dns.host)}:${dns.port}` });
  const talk = new OverloadTalk({
    overload: parts.overload,
    nextHops: new NextHopLoad(clock, () => parts.overload.uniform()),
    isTrusted: trustedPeers(settings),
    peers: settings.peers,
  });
  const layer = createTransactionLayer({
    clock,
    random,
    sentBy: (flow) => uris.sentBy(flow) + talk.offer(flow),
    user,
    codec: nodeBytes,
  });
  const answers = {
    respond: (to: ServerTransaction, response: SipResponse) => layer.respond(to, talk.answer(response, to.flow)),
  };
  return {
    ...parts,
    names,
    uris,
    flows: new FlowTable((remote) => udp.flowTo(remote)),
    tokens,
    date: new DateText(clock),
    layer,
    talk,
    responder: new Responder(withLocal(answers), random, telemetry, settings.domain),
    realm: settings.domain,
    loopSeed: integerOf(parts.secret),
    // Another edge's name stands beside its token, which any edge can open.
    isOwnUri: (uri) => isOneOf(uri, names) || (uri.user !== undefined && tokens.open(uri.user) !== undefined),
    dns: cachingDns(server, clock),
    gruus: new Gruus({ ...parts, names, keys: parts.gruuKeys }),
    edges: watchedEdges(parts),
    accountSince: (account) => parts.accounts.find(account)?.createdAt ?? 0,
    inflate,
    senderOf: (request) => senderKey(request, { names, accounts: parts.accounts }),
    isForged: (request, origin) => isForgedNotification(request, origin, { names, accounts: parts.accounts, inflate }),
  };
}

/** Whoever accepts a REGISTER lives. */
function watchedEdges({ bus, clock, bindings }: EdgeParts): PeerEdges {
  const edges = new PeerEdges(bus, clock);
  bindings.onChange((_, { kind, binding }) => {
    if (kind === 'registered' || kind === 'refreshed') edges.hears(binding.edgeInstance);
  });
  return edges;
}

/** User-Agent of a device as one of its live bindings tells it. */
function userAgentIn(bindings: BindingBook): (account: string, device: string) => string {
  return (account, device) => bindings.live(account).find((binding) => deviceIdOf(binding) === device)?.userAgent ?? '';
}

/** 0 to 2^32 - 1, and nothing that tells the secret: a loop that goes over several edges is seen by each of them. */
function integerOf(secret: Uint8Array): number {
  return createHash('sha256').update('loops').update(secret).digest().readUInt32BE();
}

function buildSender({ transports, clock, bus, bindings, ...ground }: Ground, remote: RemoteBranches): Sender {
  const { connector } = transports;
  return new Sender({
    ...ground,
    bus,
    clock,
    remote,
    rest: new HopRest(clock),
    large: new LargeRequests({ clock, connect: (hop) => connector.connect(hop) }),
    flowTo: (hop) => ground.talk.flowTo(hop, (open) => connector.flowTo(open)),
    onDeadFlow: (edge, flow) => {
      void bindings.end(bindings.names(), (binding) => binding.edgeInstance === edge && binding.flow === flow);
    },
  });
}

interface Mail {
  readonly news: MailboxNewsDesk;
  readonly desk: MailboxDesk;
  readonly messages: MessageProxy;
  readonly amendments: AmendmentDesk;
  /** Who changes or hears of what goes to devices. */
  readonly hooks: DeliveryHooks;
}

function buildMail(ground: Ground, sender: Sender, peers: Peers): Mail {
  const { bus, clock, settings } = ground;
  const { offlineTtl, mailboxMessages: mostCopies, mailboxOctets: mostOctets } = settings;
  const rules = { memory: offlineTtl * 1000, mostCopies, mostOctets, mostInflated };
  const news = new MailboxNewsDesk(bus, clock, ground.mailboxes);
  const desk = new MailboxDesk({ ...ground, rules, news });
  const hooks = buildHooks(ground, sender, peers, desk);
  const messages = new MessageProxy({ ...ground, sender, news, mailboxDesk: desk, hooks });
  return {
    news,
    desk,
    hooks,
    messages,
    amendments: new AmendmentDesk({ ...ground, mailboxDesk: desk, messages, hooks }),
  };
}

function buildHooks(ground: Ground, sender: Sender, peers: Peers, mailboxes: MailboxDesk): DeliveryHooks {
  const { bindings, devices } = ground;
  const dispositions = new DispositionDesk({ ...ground, mailboxes, sender, peers });
  const adapter = new DeviceAdapter({ ...ground, dispositions });
  const next = historyHooks({ next: adapter, userAgentOf: userAgentIn(bindings) });
  return replaceHooks({ next, supports: (account, device, tag) => devices.supports(account, device, tag) });
}

function ownMailboxes(ground: Ground, sender: Sender, { news, hooks }: Mail): MailboxOwner {
  const { instance, random, settings, telemetry } = ground;
  const owner = new MailboxOwner({
    ...ground,
    sender,
    hooks,
    life: `${instance}-${randomToken(random, 8)}`,
    lease: settings.lease,
    drained: (outcome) => {
      telemetry.copy(outcome);
    },
  });
  news.attach(owner);
  return owner;
}

function buildRooms(ground: Ground, doorkeeper: Doorkeeper): ChatRooms {
  const services = new RoomServices(ground);
  return new ChatRooms({
    ...ground,
    domain: ground.settings.domain,
    chatDomain: ground.names.chatDomain,
    services,
    doorkeeper,
  });
}

function exposeGauges({ telemetry, metrics, bindings, flows, layer, mailboxes, clock }: Ground): void {
  telemetry.expose(metrics, {
    registrations: () => bindings.ownSize,
    flows: () => flows.size,
    mailboxes: () => mailboxes.totals(),
    now: () => clock.wallTime(),
    transactions: () => layer.size,
  });
}
