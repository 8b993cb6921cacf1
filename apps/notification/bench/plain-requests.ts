import { randomBytes } from 'node:crypto';
import { connectBus } from '@parley/bus';
import { rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';

const [url = '', octets = '0'] = process.argv.slice(2);
const subject = 'bench.plain';
const total = Math.min(20_000, Math.max(500, 200_000_000 / Number(octets)));

/** Prints the processor time in microseconds that a request of some octets and its answer take; half of what both ends take. */
const bus = unwrap(await connectBus({ url, name: 'plain', clock: systemClock, within: 10_000 }));
const peer = unwrap(await connectBus({ url, name: 'peer', clock: systemClock, within: 10_000 }));
const answer = { outcome: { kind: 'response' as const, value: randomBytes(200) } };
peer.serve(subject, rpc.egress, () => answer, { concurrency: 4096, backlog: 100_000 });
unwrap(await peer.flush());
const request = { commandId: 'x', flow: 'f1', request: randomBytes(Number(octets)), timeoutMs: 0 };
const start = process.cpuUsage();
for (let sent = 0; sent < total; sent += 50) {
  const deadline = systemClock.now() + 30_000;
  await Promise.all(Array.from({ length: 50 }, () => bus.request(subject, rpc.egress, request, { deadline })));
}
const { user, system } = process.cpuUsage(start);
console.log((user + system) / total / 2);
await bus.drain();
await peer.drain();
