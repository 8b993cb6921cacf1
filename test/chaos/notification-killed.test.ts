import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { connectBus, declined } from '@parley/bus';
import { mergeConferenceInfo, readConferenceInfo } from '@parley/conference-info';
import type { ConferenceInfo } from '@parley/conference-info';
import { focus, instanceSubject, roomEventSubject, rpc, shardSubject } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { createResponseTo, field, parseSipMessage, read, readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually, seededRandom } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsPlace } from './support/service-processes.ts';
import { natsPlaces, ServiceProcesses } from './support/service-processes.ts';

/** Changes the run; a failing one is named by it. */
const seed = Number(process.env['CHAOS_SEED'] ?? 20_261_121);
const kills = 2;
const subscribers = 40;
const room = 'sip:tea@chat.localhost';
const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** A focus whose one room changes all the time. */
class BusyRoom {
  private version = 1;
  private serial = 0;
  private participants: readonly focus.Participant[] = [];
  private readonly bus: Bus;

  constructor(bus: Bus) {
    this.bus = bus;
    bus.serve(shardSubject('focus', shardOf(room)), rpc.focus, ({ room: asked, command }) => {
      if (asked !== room || command?.kind !== 'show') return declined;
      const { limit = Infinity } = command.value;
      const value = {
        uri: room,
        version: this.version,
        policy: undefined,
        participants: this.participants.slice(0, limit),
      };
      return { outcome: { kind: 'room' as const, value } };
    });
  }

  get ids(): readonly string[] {
    return this.participants.map(({ id }) => id);
  }

  /** One comes, and of more than thirty the first one goes. */
  change(): void {
    const id = `guest${String(++this.serial)}`;
    const uri = `sip:${id}@localhost`;
    const joined = [{ id, uri, nickname: '', joinedAt: 0, displayName: '', bound: true }];
    const left = this.ids.slice(0, Math.max(0, this.ids.length - 30));
    this.participants = [...this.participants.filter((one) => !left.includes(one.id)), ...joined];
    const news = { room, version: ++this.version, joined, changed: [], left, deleted: false };
    this.bus.publish(roomEventSubject(room), focus.RosterChanged, news);
  }
}

/** Subscribers behind one edge, each with the coherent view of RFC 4575 §4.6. */
class Readers {
  readonly faults: string[] = [];
  readonly views = new Map<string, ConferenceInfo>();
  readonly ended: string[] = [];
  private readonly cSeqs = new Map<string, number>();

  constructor(bus: Bus) {
    bus.serve(instanceSubject('edge', 'e1', 'egress'), rpc.egress, ({ request }): edge.EgressReply => {
      const message = unwrap(parseSipMessage(request.slice()));
      if (message.kind !== 'request') throw new Error('expected a request');
      this.hear(message);
      return { outcome: { kind: 'response', value: serialise(createResponseTo(message, 200)) } };
    });
  }

  private hear(notify: SipRequest): void {
    const callId = readRaw(notify, 'Call-ID') ?? '';
    const cSeq = unwrap(read(notify, field.cSeq))?.sequence ?? 0;
    const before = this.cSeqs.get(callId) ?? 0;
    if (cSeq <= before) this.faults.push(`${callId}: CSeq ${String(cSeq)} after ${String(before)}`);
    this.cSeqs.set(callId, cSeq);
    if (readRaw(notify, 'Subscription-State')?.startsWith('terminated') === true) this.ended.push(callId);
    const merged = mergeConferenceInfo(this.views.get(callId), unwrap(readConferenceInfo(notify.body)));
    if (merged.kind === 'Updated') this.views.set(callId, merged.info);
    else this.faults.push(`${callId}: a document that is ${merged.kind}`);
  }
}

function subscribe(callId: string): Uint8Array {
  const lines = [
    `SUBSCRIBE ${room} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bK${callId}`,
    'Max-Forwards: 70',
    `From: <sip:${callId}@localhost>;tag=${callId}`,
    `To: <${room}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 SUBSCRIBE',
    'Contact: <sip:reader@127.0.0.1:5555;transport=tcp>',
    'Event: conference',
    'Expires: 600',
    'Content-Length: 0',
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
}

describe.each(natsPlaces)(`two notification processes on %s (seed ${String(seed)})`, (_name, startPlace) => {
  let nats: NatsPlace;
  let services: ServiceProcesses;
  let bus: Bus;
  const instances = ['first', 'second'];
  const random = seededRandom(seed);

  beforeAll(async () => {
    nats = await startPlace();
    services = new ServiceProcesses('notification', nats);
    await Promise.all(instances.map((name) => services.start(name)));
    bus = unwrap(await connectBus({ url: nats.url, name: 'test', clock: systemClock, within: 30_000 }));
  }, 120_000);
  afterAll(async () => {
    await bus.drain();
    await services[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  async function subscribed(callId: string): Promise<void> {
    const sip = {
      request: subscribe(callId),
      identity: `sip:${callId}@localhost`,
      edgeInstance: 'e1',
      flow: 'f1',
      transport: 'TCP',
      sourceAddress: '127.0.0.1',
      sourcePort: 5555,
    };
    const command = { commandId: callId, callId, command: { kind: 'subscribe', value: { room, sip } } } as const;
    const subject = shardSubject('notification', shardOf(callId));
    const deadline = systemClock.now() + 30_000;
    const { outcome } = unwrap(await bus.request(subject, rpc.notification, command, { deadline }));
    if (outcome?.kind !== 'sip') throw new Error(`expected a SIP answer, got ${JSON.stringify(outcome)}`);
    expect(new TextDecoder().decode(outcome.value.response)).toMatch(/^SIP\/2\.0 200 /);
  }

  it('kill -9 while a roster changes: no subscription is lost, and no CSeq or version goes back', async () => {
    const guests = new BusyRoom(bus);
    const readers = new Readers(bus);
    const callIds = Array.from({ length: subscribers }, (_, i) => `reader${String(i)}`);
    await Promise.all(callIds.map(subscribed));
    const over = new AbortController();
    const changes = (async () => {
      while (!over.signal.aborted) {
        guests.change();
        await wait(20);
      }
    })();
    for (let kill = 0; kill < kills; kill++) {
      const [byte = 0, pause = 0] = random.bytes(2);
      const victim = instances[byte % 2] ?? '';
      await wait(500 + 2 * pause);
      await services.kill9(victim);
      await services.start(victim);
    }
    over.abort();
    await changes;
    const expected = new Set(guests.ids.map((id) => `sip:${id}@localhost`));
    await eventually(
      () => {
        for (const callId of callIds) {
          const users = readers.views.get(callId)?.users?.users ?? [];
          expect(new Set(users.map(({ entity }) => entity)), callId).toEqual(expected);
        }
      },
      { within: 60_000, every: 100 },
    );
    expect(readers.faults).toEqual([]);
    expect(readers.ended).toEqual([]);
  }, 180_000);
});
