import { SystemClock } from '@parley/service';
import { createMemoryBroker } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';
import { describeMessages } from './bus-suite.ts';
import { describeLeases } from './lease-suite.ts';
import { describeObjects } from './object-suite.ts';
import { describeBuckets, describeStreams } from './store-suite.ts';

function start(): Promise<BusUnderTest> {
  const broker = createMemoryBroker({ clock: new SystemClock() });
  return Promise.resolve({
    connect: () => Promise.resolve(broker.connect()),
    goAway: () => Promise.resolve().then(broker.goAway),
    comeBack: () => Promise.resolve().then(broker.comeBack),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

describeMessages('memory', start);
describeBuckets('memory', start);
describeStreams('memory', start);
describeObjects('memory', start);
describeLeases('memory', start);
