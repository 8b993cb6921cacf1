import { join } from 'node:path';
import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { connectBus } from '@parley/bus';
import {
  buckets,
  focus,
  groupQueue,
  groupSubject,
  instanceSubject,
  lease,
  roomEventSubject,
  rpc,
  shardCount,
  shardSubject,
} from '@parley/contracts';
import type { msrpSwitch } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import type { Child, NatsServer } from '@parley/testing';
import { eventually, startChild, startNats } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** Milliseconds. */
const leaseTime = 3000;
/** Far more than a shard needs to find its new owner, which is the lease and a look at the store: the machine may be busy. */
const patience = { within: 60_000, every: 100 };

/** One room per shard, so that every shard is at work. */
const rooms = Array.from({ length: shardCount }, (_, shard) => roomOfShard(shard));

function roomOfShard(shard: number): string {
  for (let i = 0; ; i++) if (shardOf(`sip:r${i}@chat.localhost`) === shard) return `sip:r${i}@chat.localhost`;
}

function startFocus(nats: NatsServer, instance: string): Child {
  return startChild('node', [join(root, 'apps/focus/src/main.ts')], {
    cwd: root,
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      PARLEY_NATS_URL: nats.url,
      PARLEY_INSTANCE: instance,
      PARLEY_LEASE_MS: String(leaseTime),
      PARLEY_LOG: 'warn',
    },
  });
}

function invite(room: string): Uint8Array {
  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=message 7654 TCP/MSRP *',
    'a=accept-types:message/cpim',
    'a=path:msrp://127.0.0.1:7654/abcdefgh;tcp',
    '',
  ].join('\r\n');
  const head = [
    `INVITE ${room} SIP/2.0`,
    'Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bKa',
    'Max-Forwards: 70',
    'From: <sip:alice@localhost>;tag=a',
    `To: <${room}>`,
    `Call-ID: ${room}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:alice@127.0.0.1:5555;transport=tcp>',
    'Content-Type: application/sdp',
    `Content-Length: ${sdp.length}`,
  ];
  return new TextEncoder().encode(`${head.join('\r\n')}\r\n\r\n${sdp}`);
}

/** A switch that gives sessions and counts what rooms say. */
function serveSwitch(bus: Bus, said: string[]): void {
  const handle = ({ room, command }: msrpSwitch.SwitchCommand): msrpSwitch.SwitchReply => {
    if (command?.kind === 'announce') said.push(`${room} ${command.value.text}`);
    if (command?.kind !== 'open') return { outcome: { kind: 'done', value: {} } };
    const session = command.value.participant;
    const path = [`msrp://127.0.0.1:2855/${session};tcp`];
    return { outcome: { kind: 'opened', value: { session, instance: 'm1', path, port: 2855, address: '127.0.0.1' } } };
  };
  bus.serve(groupSubject('msrp-switch', 'sessions'), rpc.sessions, handle, { queue: groupQueue('msrp-switch') });
  bus.serve(instanceSubject('msrp-switch', 'm1', 'sessions'), rpc.sessions, handle);
}

/** Renames the participant of one room again and again, and has the room say so; each command until it is acknowledged. */
class Load {
  readonly bus: Bus;
  readonly room: string;
  readonly participant: string;
  readonly heard: focus.RosterChanged[] = [];
  acknowledged = 0;
  private count = 0;
  /** Milliseconds of the clock; what is under way then has as long as everything else. */
  private stoppedAt: number | undefined;
  private readonly finished: Promise<void>;

  constructor(bus: Bus, room: string, participant: string) {
    this.bus = bus;
    this.room = room;
    this.participant = participant;
    bus.subscribe(roomEventSubject(room), focus.RosterChanged, (news) => {
      this.heard.push(news);
    });
    this.finished = this.run();
  }

  stop(): Promise<void> {
    this.stoppedAt = systemClock.now();
    return this.finished;
  }

  private async run(): Promise<void> {
    while (this.stoppedAt === undefined) {
      const name = `name-${++this.count}`;
      await this.give(name, { kind: 'nicknameChanged', value: { participant: this.participant, nickname: name } });
      await this.give(`say-${name}`, { kind: 'announce', value: { text: name } });
      this.acknowledged = this.count;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The same id however often it is sent: carried out once. */
  private async give(commandId: string, command: NonNullable<focus.FocusCommand['command']>): Promise<void> {
    const message = { commandId, room: this.room, command };
    for (;;) {
      const deadline = systemClock.now() + 4000;
      const reply = await this.bus.request(shardSubject('focus', shardOf(this.room)), rpc.focus, message, { deadline });
      if (reply.ok && reply.value.outcome?.kind === 'done') return;
      if (systemClock.now() - (this.stoppedAt ?? Infinity) > patience.within)
        throw new Error(`${this.room}: ${commandId} was never acknowledged`);
    }
  }
}

describe('placement: three focuses on one NATS', () => {
  let nats: NatsServer;
  let bus: Bus;
  const focuses = new Map<string, Child>();
  const said: string[] = [];

  beforeAll(async () => {
    nats = await startNats();
    bus = unwrap(await connectBus({ url: nats.url, name: 'test', clock: systemClock }));
    serveSwitch(bus, said);
  });
  afterAll(async () => {
    for (const child of focuses.values()) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await child.exited;
    }
    await bus.drain();
    await nats[Symbol.asyncDispose]();
  });

  const start = (instance: string): void => {
    focuses.set(instance, startFocus(nats, instance));
  };

  /** How many shards each instance holds, by the table. */
  async function shares(): Promise<Readonly<Record<string, number>>> {
    const found = unwrap(await bus.bucket(buckets.placement, lease.PlacementRecord).get('focus.shards'));
    const table = found?.value.record;
    const counts: Record<string, number> = {};
    for (const { owner } of table?.kind === 'table' ? table.value.holdings : []) {
      counts[owner] = (counts[owner] ?? 0) + 1;
    }
    return counts;
  }

  const settled = (expected: Readonly<Record<string, number>>): Promise<void> =>
    eventually(async () => {
      expect(await shares()).toEqual(expected);
    }, patience);

  async function ask(
    room: string,
    commandId: string,
    command: NonNullable<focus.FocusCommand['command']>,
  ): Promise<focus.FocusReply['outcome']> {
    const message = { commandId, room, command };
    const deadline = systemClock.now() + 30_000;
    return unwrap(await bus.request(shardSubject('focus', shardOf(room)), rpc.focus, message, { deadline })).outcome;
  }

  async function joinRoom(room: string): Promise<string> {
    const ingress = {
      request: invite(room),
      identity: 'sip:alice@localhost',
      edgeInstance: 'e1',
      flow: 'f1',
      transport: 'TCP',
      sourceAddress: '127.0.0.1',
      sourcePort: 5555,
    };
    expect(await ask(room, 'join', { kind: 'sip', value: ingress })).toMatchObject({ kind: 'sip' });
    return (await show(room)).participants[0]?.id ?? '';
  }

  async function show(room: string): Promise<focus.Room> {
    const shown = await ask(room, 'show', { kind: 'show', value: { identity: '' } });
    if (shown?.kind !== 'room') throw new Error(`expected ${room}, got ${JSON.stringify(shown)}`);
    return shown.value;
  }

  it('every shard has one owner that can write, and no command is carried out twice, whoever joins, dies or sleeps', async () => {
    start('f1');
    start('f2');
    await settled({ f1: 32, f2: 32 });
    const loads = await Promise.all(rooms.map(async (room) => new Load(bus, room, await joinRoom(room))));

    start('f3');
    await settled({ f1: 22, f2: 21, f3: 21 });

    focuses.get('f1')?.kill('SIGKILL');
    await settled({ f2: 32, f3: 32 });

    focuses.get('f2')?.kill('SIGSTOP');
    await settled({ f3: 64 });
    const before = loads.map(({ acknowledged }) => acknowledged);
    await eventually(() => {
      for (const [i, { acknowledged }] of loads.entries()) expect(acknowledged).toBeGreaterThan(before[i] ?? 0);
    }, patience);
    focuses.get('f2')?.kill('SIGCONT');
    await settled({ f2: 32, f3: 32 });

    await Promise.all(loads.map((load) => load.stop()));
    unwrap(await bus.flush());
    expect(said.length).toBeGreaterThan(rooms.length);
    expect(said, 'a room that said something twice').toEqual([...new Set(said)]);
    for (const { room, heard, acknowledged } of loads) {
      // One may be late: told before the owner was frozen, and still in its socket. None may be told twice.
      const versions = heard.map(({ version }) => version);
      expect(versions, `${room}: of two owners that write, both would tell a version`).toEqual([...new Set(versions)]);
      const told = heard.flatMap(({ changed }) => changed.map(({ nickname }) => nickname));
      expect(told, `${room}: a command carried out twice`).toEqual([...new Set(told)]);
      expect((await show(room)).participants).toMatchObject([{ nickname: `name-${acknowledged}` }]);
    }
  });
});
