import type { Bus } from '@parley/bus';
import { askOwner, connectBus } from '@parley/bus';
import { focus, roomEventSubject, rpc } from '@parley/contracts';
import { encodeUtf8, unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { parseSipMessage } from '@parley/sip';
import { eventually } from '@parley/testing';
import { localPathOf, MsrpSession, roomMediaOf, roomOffer, wrapChatMessage } from '@parley/ua';
import type { RoomOffer } from '@parley/ua';
import { nodePipes, systemRandom } from '@parley/ua/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsPlace } from './support/service-processes.ts';
import { natsPlaces, ServiceProcesses } from './support/service-processes.ts';

/** Rooms of several shards, so that each focus owns some. */
const rooms = ['sip:one@chat.localhost', 'sip:two@chat.localhost', 'sip:three@chat.localhost'];
const instances = ['first', 'second'];
const switchPorts = { PARLEY_MSRP_PORT: '0', PARLEY_MSRPS_PORT: '0', PARLEY_MSRP_WS_PORT: '0' };

describe.each(natsPlaces)('kill -9 of a focus, two of which are on %s', (_name, startPlace) => {
  let nats: NatsPlace;
  let focuses: ServiceProcesses;
  let switches: ServiceProcesses;
  let bus: Bus;

  beforeAll(async () => {
    nats = await startPlace();
    focuses = new ServiceProcesses('focus', nats);
    switches = new ServiceProcesses('msrp-switch', nats, switchPorts);
    await Promise.all([...instances.map((name) => focuses.start(name)), switches.start('switch')]);
    bus = unwrap(await connectBus({ url: nats.url, name: 'test', clock: systemClock, within: 30_000 }));
  }, 120_000);
  afterAll(async () => {
    await bus.drain();
    // The switch first: it tells the focus whom it has sent away.
    await switches[Symbol.asyncDispose]();
    await focuses[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  it('messages flow on, joins work again, and roster versions never go back', async () => {
    const versions = rooms.map((room) => hearVersions(bus, room));
    const talkers = await Promise.all(rooms.map((room) => Conversation.begin(bus, room)));
    for (const [round, victim] of instances.entries()) {
      const before = talkers.map(({ said }) => said);
      await focuses.kill9(victim);
      await Promise.all(rooms.map((room) => join(bus, room, `late${String(round)}`)));
      await eventually(() => {
        for (const [at, talker] of talkers.entries()) expect(talker.said).toBeGreaterThan(before[at] ?? 0);
      });
      await focuses.start(victim);
    }
    for (const talker of talkers) await talker.end();
    for (const [at, room] of rooms.entries()) {
      const shown = await ask(bus, room, { kind: 'show', value: { identity: '' } });
      if (shown?.kind !== 'room') throw new Error(`expected ${room}`);
      const uris = shown.value.participants.map(({ uri }) => uri).sort();
      expect(uris).toEqual(['alice', 'bob', 'late0', 'late1'].map((name) => `sip:${name}@localhost`));
      const heard = versions[at] ?? [];
      await eventually(() => {
        expect(heard.at(-1)).toBe(shown.value.version);
      });
      expect(heard).toEqual([...new Set(heard)].toSorted((a, b) => a - b));
    }
  }, 180_000);
});

/** Alice, who talks, and Bob, who has to hear all of it once and in order. */
class Conversation {
  said = 0;
  private readonly room: string;
  private readonly alice: MsrpSession;
  private readonly bob: MsrpSession;
  private readonly heard: string[] = [];
  private goesOn = true;
  private readonly ended: Promise<void>;

  private constructor(room: string, alice: MsrpSession, bob: MsrpSession) {
    this.room = room;
    this.alice = alice;
    this.bob = bob;
    bob.received.listen(({ body }) => {
      this.heard.push(new TextDecoder().decode(body).split('\r\n\r\n').at(-1) ?? '');
    });
    this.ended = this.talk();
  }

  static async begin(bus: Bus, room: string): Promise<Conversation> {
    return new Conversation(room, await join(bus, room, 'alice'), await join(bus, room, 'bob'));
  }

  async end(): Promise<void> {
    this.goesOn = false;
    await this.ended;
    const all = Array.from({ length: this.said }, (_, i) => `message ${String(i)}`);
    await eventually(() => {
      expect(this.heard).toHaveLength(all.length);
    });
    expect(this.heard).toEqual(all);
    for (const session of [this.alice, this.bob]) session.close();
  }

  private async talk(): Promise<void> {
    while (this.goesOn) {
      const body = encodeUtf8(`message ${String(this.said)}`);
      const from = { uri: 'sip:alice@localhost' };
      const wallTime = systemClock.wallTime();
      const wrapped = wrapChatMessage({ from, to: { uri: this.room }, wallTime, contentType: 'text/plain', body });
      await this.alice.send({ contentType: 'message/cpim', body: wrapped });
      this.said++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function hearVersions(bus: Bus, room: string): number[] {
  const versions: number[] = [];
  bus.subscribe(roomEventSubject(room), focus.RosterChanged, ({ version }) => {
    versions.push(version);
  });
  return versions;
}

let sequence = 0;

/** Asks as edges do, for as long as it takes a shard to find its new owner on a busy machine; what died with it is asked again. */
async function ask(
  bus: Bus,
  room: string,
  command: NonNullable<focus.FocusCommand['command']>,
): Promise<focus.FocusReply['outcome']> {
  const question = { commandId: `c${String(++sequence)}`, room, command };
  const deadline = systemClock.now() + 60_000;
  return unwrap(await askOwner(bus, 'focus', room, rpc.focus, question, { deadline })).outcome;
}

/** Joins a room as an edge passes an INVITE on, and binds the MSRP session. */
async function join(bus: Bus, room: string, user: string): Promise<MsrpSession> {
  const offer: RoomOffer = {
    transport: 'tcp',
    host: '127.0.0.1',
    sessionId: `${user}${String(++sequence)}`,
    sdpId: '1',
    sdpVersion: '1',
    maxSize: 10_000,
  };
  const outcome = await ask(bus, room, {
    kind: 'sip',
    value: {
      request: invite(room, user, roomOffer(offer)),
      identity: `sip:${user}@localhost`,
      edgeInstance: 'nowhere',
      flow: 'f',
      transport: 'TCP',
      sourceAddress: '127.0.0.1',
      sourcePort: 5555,
    },
  });
  if (outcome?.kind !== 'sip') throw new Error(`expected an answer to ${user}, got ${JSON.stringify(outcome)}`);
  const response = unwrap(parseSipMessage(outcome.value.response.slice()));
  expect(response).toMatchObject({ statusCode: 200 });
  const { path: remotePath } = unwrap(roomMediaOf(response.body));
  const options = { localPath: localPathOf(offer), remotePath, random: systemRandom, maxSize: offer.maxSize };
  return await MsrpSession.open(options, systemClock, nodePipes());
}

function invite(room: string, user: string, sdp: Uint8Array): Uint8Array {
  const head = [
    `INVITE ${room} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bK${user}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@localhost>;tag=${user}`,
    `To: <${room}>`,
    `Call-ID: ${user}`,
    'CSeq: 1 INVITE',
    `Contact: <sip:${user}@127.0.0.1:5555;transport=tcp>`,
    'Content-Type: application/sdp',
    `Content-Length: ${String(sdp.length)}`,
  ];
  return Buffer.concat([encodeUtf8(`${head.join('\r\n')}\r\n\r\n`), sdp]);
}
