import type { Clock } from '@parley/prelude';
import { ActorSystem } from '../src/index.ts';

const messages = 1_000_000;
const burst = 500;

const clock: Clock = { now: () => performance.now(), wallTime: () => Date.now(), after: () => () => {} };

function quietSystem(): ActorSystem {
  const fail = (): never => {
    throw new Error('the benchmark met a crash or a dead letter');
  };
  return new ActorSystem({ clock, observer: { crashed: fail, deadLetter: fail } });
}

/** Messages per second; the best of five, since the machine is shared. */
async function measure(work: () => Promise<void>): Promise<number> {
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    await work();
    best = Math.max(best, (messages / (performance.now() - start)) * 1000);
  }
  return best;
}

/** What no runtime can undercut: closures in an array, called a burst at a time from a microtask. */
async function bareQueue(): Promise<void> {
  let sum = 0;
  const queue: (() => void)[] = [];
  for (let i = 0; i < messages; i += burst) {
    for (let j = 0; j < burst; j++) queue.push(() => (sum += j));
    await Promise.resolve();
    for (const call of queue) call();
    queue.length = 0;
  }
}

function tellTo(identities: number): () => Promise<void> {
  const system = quietSystem();
  const adders = system.register<{ sum: number }, number>({
    name: 'adder',
    load: () => ({ sum: 0 }),
    receive: (context, amount) => {
      context.state.sum += amount;
    },
  });
  const names = Array.from({ length: identities }, (_, i) => `sip:user-${i}@localhost`);
  return async () => {
    for (let i = 0; i < messages; i += burst) {
      for (let j = 0; j < burst; j++) adders.tell(names[(i + j) % identities] ?? '', j);
      await Promise.resolve();
      await Promise.resolve();
    }
  };
}

function ask(): () => Promise<void> {
  const system = quietSystem();
  const echoes = system.register<undefined, number, number>({
    name: 'echo',
    load: () => undefined,
    receive: (context, value) => {
      context.reply(value);
    },
  });
  return async () => {
    for (let i = 0; i < messages; i += burst) {
      await Promise.all(Array.from({ length: burst }, (_, j) => echoes.ask('sip:echo@localhost', j)));
    }
  };
}

const baseline = await measure(bareQueue);
const report = (name: string, rate: number): void => {
  console.log(
    `${name.padEnd(28)} ${(rate / 1e6).toFixed(2).padStart(7)} M/s   ${(rate / baseline).toFixed(2)} of the bare queue`,
  );
};
report('bare queue of closures', baseline);
report('tell, one actor', await measure(tellTo(1)));
report('tell, 1000 actors in turn', await measure(tellTo(1000)));
report('tell, 100000 actors in turn', await measure(tellTo(100_000)));
report('ask, one actor', await measure(ask()));
