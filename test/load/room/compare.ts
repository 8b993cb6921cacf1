// Rooms of Parley beside those of ejabberd and Prosody: the same load on each in turn. README.md tells how to read it.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { domain, password, startParley } from '../sip/servers.ts';
import type { Server } from '../sip/servers.ts';
import type { RoomFigures } from './generator.ts';
import { generateRoom } from './generator.ts';
import { hasPeer, peerNames, startPeer } from './peers.ts';

const usage = `node_modules/.bin/node test/load/room/compare.ts [options]
  --cells 1x10,1x100,1x1000,100x10,20x50    rooms x members
  --rate N          deliveries/s; 0, as fast as messages reach everybody (0)
  --seconds N       (4)    --repetitions N  (1)
  --peers ejabberd,prosody    those to compare with, as far as installed; none: Parley alone
  --no-pin          do not bind the server to core 1 and the generator to core 0`;

/** Who speaks in a room, and how many messages of each are on their way. */
const speakers: Readonly<Record<string, { readonly senders: number; readonly window: number }>> = {
  '1x10': { senders: 10, window: 8 },
  '1x100': { senders: 10, window: 4 },
  '1x1000': { senders: 10, window: 2 },
  '100x10': { senders: 2, window: 1 },
  '20x50': { senders: 5, window: 1 },
};

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: Object.keys(speakers).join(',') },
    rate: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '4' },
    repetitions: { type: 'string', default: '1' },
    peers: { type: 'string', default: peerNames.join(',') },
    'no-pin': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const heading = [
  '| rooms × members, server | deliveries/s | per CPU s | CPU s per million | p50 ms | p99 ms | joins/s | CPU ms per join | kB per member | server, generator, other cores | faults |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
].join('\n');

function line(what: string, f: RoomFigures): string {
  const cells = [
    what,
    f.deliveriesPerSecond.toFixed(0),
    f.deliveriesPerCpuSecond.toFixed(0),
    f.cpuSecondsPerMillion.toFixed(1),
    f.p50Ms.toFixed(2),
    f.p99Ms.toFixed(2),
    f.joinsPerSecond.toFixed(0),
    f.joinServerCpuMs.toFixed(2),
    f.kbPerMember.toFixed(0),
    [f.serverCores, f.generatorCores, f.otherCores].map((cores) => cores.toFixed(2)).join(', '),
    f.failure === '' ? f.faults : `${f.faults} (${f.failure})`,
  ];
  return `| ${cells.join(' | ')} |`;
}

let runs = 0;

/** One cell on one server, which is asked for rooms that nobody used before. */
async function sample(server: Server, cell: string, answered: string, pin: boolean): Promise<RoomFigures> {
  const [rooms = '1', members = '10'] = cell.split('x');
  const { senders, window } = speakers[cell] ?? { senders: 5, window: 1 };
  const isPeer = server.name !== 'parley';
  const where = {
    protocol: isPeer ? 'xmpp' : 'msrp',
    port: server.port,
    domain: isPeer ? 'localhost' : domain,
    password,
  };
  const load = { rooms, members, senders, window, answered, rate: values.rate, seconds: values.seconds };
  const prefix = `run${++runs}x`;
  return generateRoom({ ...where, ...load, prefix, pids: server.pids().join(',') }, pin ? '0' : undefined);
}

/** A cell on fresh servers, one after the other. */
async function compareCell(cell: string, pin: boolean): Promise<void> {
  const [rooms = '1', members = '10'] = cell.split('x');
  const cores = pin ? '1' : undefined;
  {
    await using parley = await startParley({ users: Number(rooms) * Number(members), digest: true, cores });
    for (const answered of ['yes', 'no']) {
      const figures = await sample(parley, cell, answered, pin);
      console.log(line(`${cell}, Parley, ${answered === 'yes' ? 'answered' : 'unanswered'}`, figures));
      if (figures.faults > 0) process.exitCode = 1;
    }
  }
  for (const name of peerNames) {
    if (!values.peers.split(',').includes(name) || !hasPeer(name)) continue;
    // Prosody tells a thousand of a thousand joins for longer than a run may take.
    if (name === 'prosody' && Number(members) >= 1000) continue;
    await using peer = await startPeer(name, cores);
    console.log(line(`${cell}, ${name}`, await sample(peer, cell, 'yes', pin)));
  }
}

// A signal ends the process by way of `exit`, where startChild takes its children along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (values.help) console.log(usage);
else {
  const pin = !values['no-pin'] && availableParallelism() > 1;
  console.log(heading);
  for (let repetition = 0; repetition < Number(values.repetitions); repetition++)
    for (const cell of values.cells.split(',')) await compareCell(cell, pin);
}
