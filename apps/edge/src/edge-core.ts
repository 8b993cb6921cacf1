import { buckets, edge } from '@parley/contracts';
import { uriHost } from '@parley/service';
import { nodeDigestHash, vouchFor } from '@parley/sip-stack/node';
import { AccountsDesk } from './actors/accounts/accounts-desk.ts';
import { buildLists } from './actors/lists/build-lists.ts';
import { ChatRooms } from './actors/rooms/chat-rooms.ts';
import type { DispositionDesk } from './actors/receipts/disposition-desk.ts';
import { DialogEnds } from './actors/rooms/dialog-ends.ts';
import { buildDoorkeeper } from './actors/entry/build-doorkeeper.ts';
import type { Doorkeeper } from './actors/entry/doorkeeper.ts';
import { EgressDesk } from './actors/rooms/egress-desk.ts';
import { ForeignDoor } from './actors/entry/foreign-door.ts';
import { HopRest } from './actors/proxy/hop-rest.ts';
import { Ingress } from './actors/entry/ingress.ts';
import { LoadShedder } from './actors/entry/load-shedder.ts';
import { LargeRequests } from './actors/proxy/large-requests.ts';
import type { ListJobs } from './actors/lists/list-jobs.ts';
import type { MailboxOwner } from './actors/mailbox/mailbox-owner.ts';
import { RoomServices } from './actors/rooms/room-services.ts';
import { RemoteBranches } from './actors/proxy/remote-branches.ts';
import { RegistrationEventsDesk } from './actors/registrar/registration-events-desk.ts';
import { Sender } from './actors/proxy/sender.ts';
import type { StoredListsDesk } from './actors/lists/stored-lists-desk.ts';
import type { TraceDesk } from './actors/traces/trace-desk.ts';
import { buildProxies } from './build-proxies.ts';
import { buildRegistrar } from './build-registrar.ts';
import type { RegistrarParts } from './build-registrar.ts';
import { Peers } from './federation/peers.ts';
import type { PublicPorts } from './flows/own-uris.ts';
import { exposeOverload } from './overload/overload-gauges.ts';
import { EdgeObserver } from './transports/edge-observer.ts';
import { buildMail, ownMailboxes } from './build-mail.ts';
import { layGround } from './ground.ts';
import type { EdgeParts, Ground } from './ground.ts';

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
  readonly dispositions: Pick<DispositionDesk, 'deliver'>;
  readonly keepAlives: RegistrarParts['keepAlives'];
  readonly watchers: RegistrationEventsDesk;
  /** Begins to own mailboxes; to be called once requests can be sent. */
  ownMailboxes(): MailboxOwner;
  /** Begins to carry out what lists accepted; likewise. */
  ownListJobs(): ListJobs;
  /** What became of messages, to be stored before the bus goes. */
  readonly traces: Pick<TraceDesk, 'settle'>;
  /** Requests under way. */
  busy(): number;
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
  const ends = new DialogEnds(ground);
  const proxies = buildProxies(ground, { sender, peers, ends, mail });
  const { users, beyond, dialogs, forks } = proxies;
  const registrar = buildRegistrar(ground, mail.news);
  const rooms = buildRooms(ground, doorkeeper);
  const lists = buildLists({ ...ground, doorkeeper, users, beyond, dispositions: mail.dispositions });
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
    users,
    beyond,
    dialogs,
    forks,
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
      removed: parts.bus.bucket(buckets.removedAccounts, edge.RemovedAccount),
      events,
    }),
    storedListsDesk: lists.admin,
    dispositions: mail.dispositions,
    traces: ground.traces,
    ownListJobs: () => lists.ownJobs(),
    ownMailboxes: () => ownMailboxes(ground, sender, mail),
    busy: () => proxies.size + registrar.desk.size + watchers.busy + rooms.size + lists.service.size + egress.size,
    [Symbol.dispose]() {
      registrar[Symbol.dispose]();
      watchers[Symbol.dispose]();
      mail.news[Symbol.dispose]();
      mail.messages[Symbol.dispose]();
      proxies[Symbol.dispose]();
      remote[Symbol.dispose]();
      rooms[Symbol.dispose]();
      layer[Symbol.dispose]();
    },
  };
}

function buildSender({ transports, clock, bus, bindings, ...ground }: Ground, remote: RemoteBranches): Sender {
  const { connector } = transports;
  return new Sender({
    ...ground,
    bus,
    clock,
    remote,
    rest: new HopRest(clock),
    large: new LargeRequests({ clock, random: ground.random, connect: (hop) => connector.connect(hop) }),
    flowTo: (hop) => ground.talk.flowTo(hop, (open) => connector.flowTo(open)),
    onDeadFlow: (edge, flow) => {
      void bindings.end(bindings.names(), (binding) => binding.edgeInstance === edge && binding.flow === flow);
    },
  });
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
