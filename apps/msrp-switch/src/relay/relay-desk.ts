import type { Subscription } from '@parley/bus';
import { instanceSubject, media, rpc } from '@parley/contracts';
import type { msrpSwitch } from '@parley/contracts';
import { randomToken } from '@parley/prelude';
import type { FurtherHearers, Heard } from '../actors/distributor.ts';
import type { IncomingChunk } from '../actors/incoming-chunk.ts';
import { sendReport } from '../actors/reports.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import { isHere } from '../hub/hub.ts';
import type { Hub } from '../hub/hub.ts';
import type { Forwarder } from '../hub/audience.ts';
import { RemoteHub } from '../hub/remote-hub.ts';
import type { Session } from '../hub/session.ts';
import type { BoardListener } from '../hub/switchboard.ts';
import { Arrivals } from './arrivals.ts';
import type { PeerLink } from './peer-link.ts';
import { PeerLinks } from './peer-links.ts';
import { reportHead } from './member-report.ts';
import type { RelayParts } from './relay-parts.ts';
import { RelayStream } from './relay-stream.ts';

/** Milliseconds that another switch has to say that it shares a room. */
const patience = 2000;

/**
 * Joins the hubs of a room on several switches: each passes on what its own sessions say, once per switch, and tells the
 * others who is with it. What one session says keeps its order, since one link carries all of it.
 */
export class RelayDesk implements FurtherHearers, BoardListener {
  private readonly around: Surroundings;
  private readonly parts: RelayParts;
  private readonly links: PeerLinks;
  private readonly arrivals: Arrivals;
  private streams = 0;

  constructor(around: Surroundings, parts: RelayParts) {
    this.around = around;
    this.parts = parts;
    this.arrivals = new Arrivals(around, parts);
    this.links = new PeerLinks(around, parts, (instance) => {
      this.lost(instance);
    });
  }

  /** Hears the other switches from now on. */
  serve(): Subscription {
    const { bus, instance } = this.parts;
    const forget = bus.onState((state) => {
      if (state === 'connected') this.startOver();
    });
    const heard = bus.subscribe(instanceSubject('msrp-switch', instance, 'media'), media.MediaBatch, (batch) => {
      this.take(batch);
    });
    const rest = this.links.watch();
    return {
      stop: async () => {
        rest();
        forget();
        await heard.stop();
      },
    };
  }

  /** The switches that share rooms with this one. */
  get peers(): readonly string[] {
    return this.links.instances;
  }

  /** Joins a hub with those of the room on other switches; resolves when they hear each other, or do not answer. */
  async meet(hub: Hub, switches: readonly string[]): Promise<void> {
    const strangers = switches.filter((other) => other !== this.parts.instance && !hub.peers.has(other));
    await Promise.all(strangers.map((other) => this.meetOne(hub, other)));
  }

  /** Another switch has its first session of the room. Undefined: there is none here. */
  joined(room: string, instance: string): msrpSwitch.HubJoined | undefined {
    const hub = this.parts.board.hub(room);
    if (hub === undefined) return undefined;
    const switches = [...hub.peers.keys()].filter((other) => other !== instance);
    this.introduce(hub, instance);
    return { switches };
  }

  /** A switch is gone: what it had begun to say is broken off, and nobody is looked for there. */
  lost(instance: string): void {
    this.links.drop(instance);
    for (const hub of this.parts.board.allHubs()) hub.peers.delete(instance);
    this.arrivals.breakOff(instance);
  }

  hearers({ session }: IncomingChunk, heard: Heard, wrappedType: string | undefined): readonly Forwarder[] {
    const { hub } = session;
    if (hub.peers.size === 0) return [];
    if (heard.kind === 'room') {
      return [...hub.peers.keys()].flatMap((instance) => this.streamTo(instance, session, [], wrappedType));
    }
    const remote = heard.to.flatMap((member) => (isHere(member) ? [] : [member]));
    return [...Map.groupBy(remote, ({ instance }) => instance)].flatMap(([instance, members]) => {
      const to = members.map((member) => member.session);
      return this.streamTo(instance, session, to, wrappedType);
    });
  }

  added(session: Session): void {
    this.tellPeers(session.hub, { kind: 'came', value: memberNews(session) });
  }

  removed({ id, hub }: Session): void {
    this.tellPeers(hub, { kind: 'left', value: { session: id } });
  }

  emptied(hub: Hub): void {
    this.tellPeers(hub, { kind: 'gone', value: {} });
    hub.peers.clear();
  }

  private tellPeers({ room, peers }: Hub, news: media.HubNewsNews): void {
    for (const instance of peers.keys()) this.links.to(instance).add({ room, news });
  }

  private async meetOne(hub: Hub, instance: string): Promise<void> {
    const { bus, instance: self } = this.parts;
    const { clock, random } = this.around;
    this.introduce(hub, instance);
    const command = { kind: 'joinHub', value: { instance: self } } as const;
    const message = { commandId: randomToken(random, 16), room: hub.room, command };
    const subject = instanceSubject('msrp-switch', instance, 'sessions');
    const reply = await bus.request(subject, rpc.sessions, message, { deadline: clock.now() + patience });
    const outcome = reply.ok ? reply.value.outcome : undefined;
    if (outcome?.kind === 'joined') await this.meet(hub, outcome.value.switches);
    else hub.peers.delete(instance);
  }

  /** Tells another switch who is here; from now on it hears what they say. */
  private introduce(hub: Hub, instance: string): void {
    const { room } = hub;
    if (!hub.peers.has(instance)) hub.peers.set(instance, new RemoteHub(instance));
    const link = this.links.to(instance);
    link.add({ room, news: { kind: 'roster', value: {} } });
    for (const session of hub.sessions.values()) link.add({ room, news: { kind: 'came', value: memberNews(session) } });
  }

  private streamTo(
    instance: string,
    { id, hub }: Session,
    to: readonly string[],
    wrappedType: string | undefined,
  ): readonly RelayStream[] {
    const link = this.links.to(instance);
    if (link.isFull) {
      this.around.events.passedOver('unbound', hub.peers.get(instance)?.size ?? 1);
      return [];
    }
    return [new RelayStream(link, { room: hub.room, stream: ++this.streams, session: id, to, wrappedType })];
  }

  private take({ from, items, sent, taken }: media.MediaBatch): void {
    const link = this.links.to(from);
    for (const { room, news } of items) {
      const hub = this.parts.board.hub(room);
      if (hub !== undefined && news !== undefined) this.takeNews(hub, link, news);
      else if (news?.kind === 'chunk' && news.value.begun !== undefined)
        this.arrivals.takeForNobody(room, link, news.value.begun);
    }
    link.note({ sent, taken });
  }

  private takeNews(hub: Hub, link: PeerLink, news: media.HubNewsNews): void {
    // It was slow to answer and counted as gone, which it does not know.
    if (isOfMember(news) && !hub.peers.has(link.instance)) void this.meetOne(hub, link.instance);
    const remote = hub.peers.get(link.instance);
    switch (news.kind) {
      case 'roster':
        // It begins anew, since something between us was lost: what it had begun to say may have a hole.
        this.arrivals.breakOff(link.instance, hub.room);
        if (remote === undefined) hub.peers.set(link.instance, new RemoteHub(link.instance));
        else remote.clear();
        return;
      case 'came':
        remote?.came(news.value);
        return;
      case 'left':
        remote?.left(news.value.session);
        return;
      case 'gone':
        hub.peers.delete(link.instance);
        return;
      case 'chunk':
        this.arrivals.take(hub, link, news.value);
        return;
      case 'report':
        this.takeReport(hub, news.value);
        return;
    }
  }

  private takeReport(hub: Hub, report: media.MemberReport): void {
    const sender = hub.sessions.get(report.session);
    if (sender !== undefined) sendReport(sender, reportHead(report), this.around.random);
  }

  /** NATS was away, and what was on its way is lost: everybody is told again who is here. */
  private startOver(): void {
    this.arrivals.breakOff();
    for (const hub of this.parts.board.allHubs())
      for (const instance of hub.peers.keys()) this.introduce(hub, instance);
  }
}

/** What another switch has to know of a session. */
function memberNews({ id, terms, hearsSince }: Session): media.HubMember {
  const { uris, takesPrivate, takesAmendments: amendments } = terms;
  return { session: id, uris, takesPrivate, amendments, hearsSince };
}

/** Whether news are told by a switch only to those that it shares the room with. */
function isOfMember({ kind }: media.HubNewsNews): boolean {
  return kind === 'came' || kind === 'left' || kind === 'chunk';
}
