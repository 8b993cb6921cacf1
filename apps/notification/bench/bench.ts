import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { connectBus, declined } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { focus, instanceSubject, roomEventSubject, rpc, shardSubject } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { startChild, startNats } from '@parley/testing';
import type { Child } from '@parley/testing';

/** Members of the room, each of whom watches it. */
const members = Number(process.argv[2] ?? 1000);
const rounds = 8;
const room = 'sip:crowd@chat.localhost';

const participant = (i: number): focus.Participant => ({
  id: `0123456789abcdefghijk${String(i)}`,
  uri: `sip:user${String(i)}@localhost`,
  nickname: `User number ${String(i)}`,
  joinedAt: 1_790_000_000_000,
  displayName: '',
  bound: true,
});

/** Milliseconds of a processor that a process has used, in user and system mode. */
function cpuOf({ pid }: Child): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function subscribe(callId: string): Uint8Array {
  const lines = [
    `SUBSCRIBE ${room} SIP/2.0`,
    `Via: SIP/2.0/TCP 127.0.0.1:5555;branch=z9hG4bK${callId}`,
    'Record-Route: <sip:0123456789abcdefghijklmnop@127.0.0.1:5060;transport=tcp;lr>',
    'Max-Forwards: 70',
    `From: <sip:${callId}@localhost>;tag=0123456789`,
    `To: <${room}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 SUBSCRIBE',
    `Contact: <sip:${callId}@127.0.0.1:5555;transport=tcp>`,
    'Event: conference',
    'Expires: 3600',
    'Content-Length: 0',
  ];
  return new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`);
}

const ok = new TextEncoder().encode(
  `SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP 127.0.0.1\r\nFrom: <${room}>;tag=a\r\nTo: <sip:a@localhost>;tag=b\r\n` +
    'Call-ID: a\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n',
);

/** What a request and its answer cost who asks, with a message of so many octets: nothing cheaper notifies anybody. */
async function plainRequests(url: string, octets: number): Promise<number> {
  const script = fileURLToPath(new URL('plain-requests.ts', import.meta.url));
  const child = startChild(process.execPath, [script, url, String(octets)]);
  await child.exited;
  return Number(child.stdout);
}

interface Counts {
  notifies: number;
  octets: number;
}

/** The peers of the service: a focus with one room, and an edge whose devices answer 200. */
function servePeers(bus: Bus, counts: Counts): (change: Partial<focus.RosterChanged>) => void {
  let version = 1;
  const participants = Array.from({ length: members }, (_, i) => participant(i));
  bus.serve(shardSubject('focus', shardOf(room)), rpc.focus, ({ room: asked, command }) => {
    if (asked !== room || command?.kind !== 'show') return declined;
    const { limit = Infinity } = command.value;
    const value = { uri: room, version, policy: undefined, participants: participants.slice(0, limit) };
    return { outcome: { kind: 'room' as const, value } };
  });
  const options = { concurrency: 4096, backlog: 100_000 };
  const egress = ({ request }: edge.EgressCommand): edge.EgressReply => {
    counts.notifies++;
    counts.octets += request.length;
    return { outcome: { kind: 'response', value: ok } };
  };
  bus.serve(instanceSubject('edge', 'e1', 'egress'), rpc.egress, egress, options);
  return (change) => {
    const nothing = { joined: [], changed: [], left: [], deleted: false };
    bus.publish(roomEventSubject(room), focus.RosterChanged, { ...nothing, ...change, room, version: ++version });
  };
}

async function subscribeAll(bus: Bus): Promise<void> {
  const one = async (i: number): Promise<void> => {
    const callId = `user${String(i)}`;
    const sip = {
      request: subscribe(callId),
      identity: `sip:${callId}@localhost`,
      edgeInstance: 'e1',
      flow: 'f1',
      transport: 'TCP',
      sourceAddress: '127.0.0.1',
      sourcePort: 5555,
    };
    const message = { commandId: callId, callId, command: { kind: 'subscribe', value: { room, sip } } } as const;
    const deadline = systemClock.now() + 60_000;
    unwrap(await bus.request(shardSubject('notification', shardOf(callId)), rpc.notification, message, { deadline }));
  };
  for (let i = 0; i < members; i += 50) {
    await Promise.all(Array.from({ length: Math.min(50, members - i) }, (_, j) => one(i + j)));
  }
}

function report(what: string, microseconds: number, baseline: number): void {
  const ratio = (microseconds / baseline).toFixed(2);
  console.log(`${what.padEnd(52)} ${microseconds.toFixed(0).padStart(6)} µs  ${ratio}× a plain request`);
}

await using nats = await startNats();
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const service = startChild(process.execPath, [main], {
  env: { PARLEY_NATS_URL: nats.url, PARLEY_INSTANCE: 'bench', PARLEY_LOG: 'warn', PARLEY_LEASE_MS: '30000' },
});
const bus = unwrap(await connectBus({ url: nats.url, name: 'bench', clock: systemClock, within: 30_000 }));
const counts = { notifies: 0, octets: 0 };
const change = servePeers(bus, counts);

console.log(`processor time of the notification service for a NOTIFY, ${String(members)} members who all watch`);
const idle = cpuOf(service);
await subscribeAll(bus);
await until(() => counts.notifies >= members);
await new Promise((resolve) => setTimeout(resolve, 500));
const joined = cpuOf(service);
const [documents, octets] = [counts.notifies, counts.octets];
const large = await plainRequests(nats.url, octets / documents);
report(
  `SUBSCRIBE and full state, ${(octets / documents / 1024).toFixed(0)} KiB each`,
  ((joined - idle) * 1000) / members,
  large,
);

const before = cpuOf(service);
const told = { ...counts };
for (let round = 0; round < rounds; round++) {
  const target = counts.notifies + members;
  change({ changed: [{ ...participant(round), nickname: `Changed ${String(round)}` }] });
  await until(() => counts.notifies >= target);
}
const notifies = counts.notifies - told.notifies;
const size = (counts.octets - told.octets) / notifies;
const small = await plainRequests(nats.url, size);
report(`one member changed, ${size.toFixed(0)} octets each`, ((cpuOf(service) - before) * 1000) / notifies, small);

await bus.drain();
await service.stop(20_000);
