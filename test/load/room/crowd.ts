// One room on two switch processes: so many members, and what reaches them. README.md tells how to read it.
import { parseArgs } from 'node:util';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startChild } from '@parley/testing';
import { anyPorts, root, withoutSettings } from '../../scenarios/support/installation.ts';
import { tree } from '../sip/processes.ts';
import { generateRoom } from './generator.ts';

/*
 * `node_modules/.bin/node test/load/room/crowd.ts --members 5000`: `npm start` with a limit of sessions that its switch
 * reaches with half of the members, and a second switch on the same NATS that takes the rest.
 */
const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '5000' },
    senders: { type: 'string', default: '5' },
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '5' },
  },
});

const domain = 'bench.test';
const members = Number(values.members);
const directory = await mkdtemp(join(tmpdir(), 'parley-crowd-'));
const settings = {
  ...withoutSettings(),
  ...anyPorts,
  PARLEY_DOMAIN: domain,
  PARLEY_DATA_DIR: directory,
  PARLEY_LOG: 'warn',
  PARLEY_MSRP_SESSIONS: String(Math.ceil(members / 2)),
};
await using stack = new AsyncDisposableStack();
stack.defer(() => rm(directory, { recursive: true, force: true }));
const accounts = Array.from({ length: Math.min(members, 500) }, (_, user) => `u${user}:secret`);
const parley = startChild('npm', ['start'], { cwd: root, env: { ...settings, PARLEY_USERS: accounts.join(',') } });
stack.defer(async () => {
  await parley.stop(30_000);
});
await eventually(
  () => {
    if (!/^parley ready$/m.test(parley.stdout)) throw new Error(`Parley is not ready: ${parley.stderr.slice(-1000)}`);
  },
  { within: 120_000, every: 200 },
);
const ports = JSON.parse(await readFile(join(directory, 'ports.json'), 'utf8')) as {
  readonly sip: number;
  readonly nats: number;
};
const token = (await readFile(join(directory, 'nats', 'token'), 'utf8')).trim();
const url = `nats://${token}@127.0.0.1:${ports.nats}`;
const second = startChild(process.execPath, ['apps/msrp-switch/src/main.ts'], {
  cwd: root,
  env: { ...settings, PARLEY_NATS_URL: url, PARLEY_INSTANCE: 'second' },
});
stack.defer(async () => {
  await second.stop(30_000);
});
const pids = [...tree(parley.pid), ...tree(second.pid)];
const figures = await generateRoom({
  ...{ port: ports.sip, domain, rooms: 1, members, senders: values.senders, users: accounts.length },
  ...{ rate: values.rate, seconds: values.seconds, warmup: 1, pids: pids.join(','), limit: 900, prefix: 'crowd' },
});
console.log(JSON.stringify(figures, null, 1));
if (figures.faults > 0) process.exitCode = 1;
