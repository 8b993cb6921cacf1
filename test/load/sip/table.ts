// Parley beside Kamailio over everything that is promised: one command, one table of ratios. README.md tells how to read it.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figures } from './generator.ts';
import type { Load, Sample } from './sampling.ts';
import { median, ratiosOf, sampleInTurn } from './sampling.ts';
import { hasKamailio, startKamailio, startParley } from './servers.ts';

/*
 * `node_modules/.bin/node test/load/sip/table.ts --repetitions 2 --seconds 5`; with the defaults it takes some twenty
 * minutes. `--users 200 --transport tcp` narrows it.
 */

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '20,200,2000' },
    transport: { type: 'string', default: 'tcp,udp' },
    auth: { type: 'string', default: 'none,digest' },
    rates: { type: 'string', default: '0,5000' },
    repetitions: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '4' },
  },
});

/** The open loop is run with so many users alone: there it is latency that counts, not who can take how much. */
const usersOfRate = '200';

const heading = [
  '| transport, auth, users | messages/s, Parley : Kamailio | ratio | p99 ms | CPU s per 1000 | ratio | faults |',
  '| --- | --- | --- | --- | --- | --- | --- |',
].join('\n');

function line(load: Load, samples: readonly Sample[]): string {
  const middle = (server: string, figure: (figures: Figures) => number): number =>
    median(samples.filter((one) => one.server === server).map(({ figures }) => figure(figures)));
  const pair = (figure: (figures: Figures) => number, digits: number): string =>
    `${middle('parley', figure).toFixed(digits)} : ${middle('kamailio', figure).toFixed(digits)}`;
  const ratio = (figure: (figures: Figures) => number): string => median(ratiosOf(samples, figure)).toFixed(2);
  const what = `${load.transport.toUpperCase()}, ${load.auth}, ${load.users}${load.rate === '0' ? '' : ` at ${load.rate}/s`}`;
  const rate = (figures: Figures): number => figures.messagesPerSecond;
  const cpu = (figures: Figures): number => figures.serverCpuSecondsPer1000;
  const faults = samples.reduce((sum, { figures }) => sum + figures.faults, 0);
  return `| ${[what, pair(rate, 0), ratio(rate), pair(({ p99Ms }) => p99Ms, 2), pair(cpu, 4), ratio(cpu), faults].join(' | ')} |`;
}

async function series(auth: string, users: string): Promise<number> {
  const pin = availableParallelism() > 1;
  const setup = { users: Number(users), digest: auth === 'digest', cores: pin ? '1' : undefined };
  await using stack = new AsyncDisposableStack();
  const servers = [stack.use(await startParley(setup)), stack.use(await startKamailio(setup))];
  let faults = 0;
  for (const transport of values.transport.split(',')) {
    for (const rate of values.rates.split(',')) {
      if (rate !== '0' && users !== usersOfRate) continue;
      const { seconds, warmup } = values;
      const load: Load = { transport, auth, users, rate, seconds, warmup, body: '100' };
      const samples = await sampleInTurn(servers, load, Number(values.repetitions), pin, () => {});
      console.log(line(load, samples));
      faults += samples.reduce((sum, { figures }) => sum + figures.faults, 0);
    }
  }
  return faults;
}

// A signal ends the process by way of `exit`, where startChild takes its children along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (hasKamailio()) {
  console.log(heading);
  for (const auth of values.auth.split(','))
    for (const users of values.users.split(',')) if ((await series(auth, users)) > 0) process.exitCode = 1;
} else {
  console.error('Kamailio is not installed (apt-get install kamailio): nothing to compare with');
  process.exitCode = 2;
}
