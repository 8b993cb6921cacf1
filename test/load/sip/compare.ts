// Parley beside Kamailio: the same load on both in turn, and what one costs against the other. README.md tells how to read it.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figures } from './generator.ts';
import type { Sample } from './sampling.ts';
import { median, ratiosOf, sampleInTurn } from './sampling.ts';
import { hasKamailio, startKamailio, startParley } from './servers.ts';

const usage = `node_modules/.bin/node test/load/sip/compare.ts [options]
  --transport udp|tcp|both  (both)   --auth digest|none   (digest)
  --users N                 (200)    half of them send    --rate N  messages/s; 0, as fast as answers come (0)
  --seconds N --warmup N    (8, 6)   --repetitions N      (2)
  --body N   octets         (100)    --json FILE          every sample
  --no-pin   do not bind the server to core 1 and the generator to core 0
  --alone    Parley only`;

function options() {
  const { values } = parseArgs({
    options: {
      transport: { type: 'string', default: 'both' },
      auth: { type: 'string', default: 'digest' },
      users: { type: 'string', default: '200' },
      rate: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '8' },
      warmup: { type: 'string', default: '6' },
      repetitions: { type: 'string', default: '2' },
      body: { type: 'string', default: '100' },
      json: { type: 'string' },
      'no-pin': { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

type Options = ReturnType<typeof options>;

const columns = 'server     tr   msgs/s   p50 ms   p99 ms  CPU s/1000  server  gen  other cores   PSS MB  faults';

function row({ server, transport, figures: f }: Sample): string {
  const cells: readonly (readonly [string | number, number])[] = [
    [f.messagesPerSecond.toFixed(0), 8],
    [f.p50Ms.toFixed(2), 9],
    [f.p99Ms.toFixed(2), 9],
    [f.serverCpuSecondsPer1000.toFixed(4), 12],
    [f.serverCores.toFixed(2), 8],
    [f.generatorCores.toFixed(2), 5],
    [f.otherCores.toFixed(2), 13],
    [f.serverPssMb.toFixed(0), 9],
    [f.faults, 8],
  ];
  return `${server.padEnd(10)} ${transport}${cells.map(([cell, width]) => String(cell).padStart(width)).join('')}`;
}

const ratioOf: readonly (readonly [string, (figures: Figures) => number])[] = [
  ['throughput', (f) => f.messagesPerSecond],
  ['p50', (f) => f.p50Ms],
  ['p99', (f) => f.p99Ms],
  ['server CPU per message', (f) => f.serverCpuSecondsPer1000],
  ['memory (PSS)', (f) => f.serverPssMb],
];

/** Median over the repetitions of Parley's figure divided by Kamailio's of the same repetition. */
function ratios(samples: readonly Sample[], transport: string): string {
  const words = ratioOf.map(([name, figure]) => {
    const each = ratiosOf(samples, figure);
    return `${name} ${median(each).toFixed(2)} (${each.map((ratio) => ratio.toFixed(2)).join(', ')})`;
  });
  return `Parley / Kamailio over ${transport}: ${words.join('; ')}`;
}

async function compare(given: Options): Promise<void> {
  const pin = !given['no-pin'] && availableParallelism() > 1;
  const setup = { users: Number(given.users), digest: given.auth === 'digest', cores: pin ? '1' : undefined };
  const transports = given.transport === 'both' ? ['udp', 'tcp'] : [given.transport];
  const withPeer = !given.alone && hasKamailio();
  if (!given.alone && !withPeer) console.log('Kamailio is not installed (apt-get install kamailio): Parley alone');
  await using stack = new AsyncDisposableStack();
  const parley = stack.use(await startParley(setup));
  const servers = withPeer ? [parley, stack.use(await startKamailio(setup))] : [parley];
  const samples: Sample[] = [];
  console.log(columns);
  for (const transport of transports) {
    const load = { ...given, transport };
    const series = await sampleInTurn(servers, load, Number(given.repetitions), pin, (one) => {
      console.log(row(one));
    });
    samples.push(...series);
    if (withPeer) console.log(`${ratios(series, transport)}\n`);
  }
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify({ given, samples }, null, 1)}\n`);
  if (samples.some(({ figures }) => figures.faults > 0)) process.exitCode = 1;
}

const given = options();
// A signal ends the process by way of `exit`, where startChild takes its children along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (given.help) console.log(usage);
else await compare(given);
