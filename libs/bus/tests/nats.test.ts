import { SystemClock } from '@parley/service';
import { unwrap } from '@parley/prelude';
import { startNats } from '@parley/testing';
import { connectBus } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';
import { describeMessages } from './bus-suite.ts';
import { describeBuckets, describeStreams } from './store-suite.ts';

async function start(): Promise<BusUnderTest> {
  const server = await startNats();
  const clock = new SystemClock();
  return {
    connect: async () => unwrap(await connectBus({ url: server.url, name: 'test', clock })),
    goAway: () => server.kill9(),
    comeBack: () => server.restart(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeMessages('NATS', start);
describeBuckets('NATS', start);
describeStreams('NATS', start);
