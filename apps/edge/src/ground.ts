import { createHash } from 'node:crypto';
import type { Bus } from '@parley/bus';
import { cachingDns, createTransactionLayer } from '@parley/sip-stack';
import type { DnsPort, ServerTransaction, TransactionLayer, TransactionUser } from '@parley/sip-stack';
import { nodeDns } from '@parley/sip-stack/node';
import { nodeBytes, uriHost } from '@parley/service';
import type { SipRequest, SipResponse, SipUri } from '@parley/sip';
import type { AccountBook } from './accounts/account-book.ts';
import { DateText } from './actors/date-text.ts';
import { withLocal } from './actors/proxy/local-transaction.ts';
import { PeerEdges } from './actors/proxy/peer-edges.ts';
import { ReceiptDesk } from './actors/receipts/receipt-desk.ts';
import { Responder } from './actors/entry/responder.ts';
import { TraceDesk } from './actors/traces/trace-desk.ts';
import type { ServedNames } from './addresses/destination.ts';
import { isOwnUri as isOneOf } from './addresses/is-own-uri.ts';
import { servedNames } from './addresses/served-names.ts';
import type { EdgeEvents } from './events.ts';
import { FlowTable } from './flows/flow-table.ts';
import { isForgedNotification } from './dispositions/forged-notification.ts';
import { FlowTokens } from './flows/flow-token.ts';
import { OwnUris } from './flows/own-uris.ts';
import type { PublicPorts } from './flows/own-uris.ts';
import type { BindingBook } from './location/binding-book.ts';
import type { ReceiptBook } from './location/receipt-book.ts';
import type { DeviceBook } from './location/device-book.ts';
import type { DirectTargets } from './location/direct-target.ts';
import type { MailboxBook } from './location/mailbox-book.ts';
import type { ListBook } from './lists/list-book.ts';
import type { Inflate } from './mailbox/content.ts';
import { inflateUpTo } from './mailbox/inflate.ts';
import { mostInflated } from './mailbox/mailbox-rules.ts';
import type { Origin } from './privacy/asserted-identity.ts';
import { senderKey } from './replace/sender-key.ts';
import type { GruuKeys } from './registrar/gruu-keys.ts';
import { Gruus } from './registrar/gruus.ts';
import type { EdgeContext } from './service.ts';
import type { Telemetry } from './telemetry.ts';
import { NextHopLoad } from './overload/next-hop-load.ts';
import type { Overload } from './overload/overload.ts';
import { OverloadTalk } from './overload/overload-talk.ts';
import { trustedPeers } from './limits/peer-limits.ts';
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
  readonly direct: DirectTargets;
  readonly overload: Overload;
  readonly lists: ListBook;
  readonly book: ReceiptBook;
  /** What all edges share, so that one opens what another sealed. */
  readonly secret: Uint8Array;
  readonly gruuKeys: GruuKeys;
  readonly transports: {
    readonly ports: PublicPorts;
    readonly udp: Pick<Transports['udp'], 'flowTo'>;
    readonly connector: Pick<Transports['connector'], 'flowTo' | 'connect' | 'adopt'>;
  };
}

/** What everything in an edge leans on. */
export interface Ground extends EdgeParts {
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
  readonly receipts: ReceiptDesk;
  /** Keeps what becomes of messages whose senders asked. */
  readonly traces: TraceDesk;
  /** Who sent a request, in one spelling. */
  readonly senderOf: (request: SipRequest) => string | undefined;
  /** Whether a request notifies in the name of another. */
  readonly isForged: (request: SipRequest, origin: Origin) => boolean;
}

/** Lays what everything else stands on. */
export function layGround(parts: EdgeParts, user: () => TransactionUser): Ground {
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
    receipts: new ReceiptDesk({
      ...parts,
      realm: settings.domain,
      directory: { names, accounts: parts.accounts },
      maxSize: settings.maxSize,
    }),
    traces: new TraceDesk({ ...parts, inflate, directory: { names, accounts: parts.accounts } }),
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

/** 0 to 2^32 - 1, and nothing that tells the secret: a loop that goes over several edges is seen by each of them. */
function integerOf(secret: Uint8Array): number {
  return createHash('sha256').update('loops').update(secret).digest().readUInt32BE();
}
