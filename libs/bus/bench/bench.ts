import { Kvm } from '@nats-io/kv';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { common, lease } from '@parley/contracts';
import type { Rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { startNats } from '@parley/testing';
import { connectBus } from '../src/index.ts';

/** Rounds per case; the best of each side counts, since the machine is shared. */
const rounds = 3;

/** Operations per second of `work` done `count` times, `lanes` at a time. */
async function rate(count: number, lanes: number, work: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count / (performance.now() - start)) * 1000;
}

async function compare(
  name: string,
  count: number,
  lanes: number,
  ours: (i: number) => Promise<unknown>,
  raw: (i: number) => Promise<unknown>,
): Promise<void> {
  let [best, baseline] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    baseline = Math.max(baseline, await rate(count, lanes, (i) => raw(round * count + i)));
    best = Math.max(best, await rate(count, lanes, (i) => ours(round * count + i)));
  }
  const figures = [best, baseline].map((value) => Math.round(value).toLocaleString('en').padStart(9));
  console.log(
    `${name.padEnd(42)} ${figures[0]}/s   client alone ${figures[1]}/s   ratio ${(best / baseline).toFixed(2)}`,
  );
}

const server = await startNats();
const clock = new SystemClock();
const ask = unwrap(await connectBus({ url: server.url, name: 'ask', clock }));
const serve = unwrap(await connectBus({ url: server.url, name: 'serve', clock }));
const rawAsk = await connect({ servers: server.url, noAsyncTraces: true });
const rawServe = await connect({ servers: server.url, noAsyncTraces: true });

const ping: Rpc<common.HealthCheck, common.HealthCheck> = { request: common.HealthCheck, reply: common.HealthCheck };
const message = { name: 'edge', healthy: true, detail: 'x'.repeat(200) };
const encoded = common.HealthCheck.encode(message);
serve.serve('bench.ours', ping, (request) => request);
rawServe.subscribe('bench.raw', { callback: (_error, request) => void request.respond(request.data) });
await serve.flush();
await rawServe.flush();

const ours = async (): Promise<void> => {
  unwrap(await ask.request('bench.ours', ping, message, { deadline: clock.now() + 5000 }));
};
const raw = (): Promise<unknown> => rawAsk.request('bench.raw', encoded, { timeout: 5000 });
await compare('request/reply, one at a time', 3000, 1, ours, raw);
await compare('request/reply, 64 in flight', 20_000, 64, ours, raw);

const record: lease.Holding = { shard: 7, owner: 'a', epoch: 1 };
const recordBytes = lease.Holding.encode(record);
const bucket = ask.bucket({ name: 'ours', description: '', maxValueSize: 4096 }, lease.Holding);
const kv = await new Kvm(rawAsk).create('raw');
const create = async (i: number): Promise<void> => void unwrap(await bucket.create(`k.${i}`, record));
const get = async (i: number): Promise<void> => void unwrap(await bucket.get(`k.${i % 2000}`));
await compare('create in a bucket, one at a time', 2000, 1, create, (i) => kv.create(`k.${i}`, recordBytes));
await compare('get from a bucket, one at a time', 2000, 1, get, (i) => kv.get(`k.${i % 2000}`));

const stream = ask.stream(
  { name: 'ours', description: '', subjects: ['ours.*'], maxMessageSize: 4096 },
  common.HealthCheck,
);
await (await jetstreamManager(rawAsk)).streams.add({ name: 'raw', subjects: ['raw.*'] });
const js = jetstream(rawAsk);
const append = async (i: number): Promise<void> => void unwrap(await stream.append(`ours.${i % 100}`, message));
await compare('append to a stream, 256 in flight', 10_000, 256, append, (i) => js.publish(`raw.${i % 100}`, encoded));

await Promise.all([ask.drain(), serve.drain(), rawAsk.close(), rawServe.close()]);
await server[Symbol.asyncDispose]();
