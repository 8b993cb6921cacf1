// How long a message takes in a room with members who mean no good, beside the same room without them. README.md.
import { parseArgs } from 'node:util';
import { delays, quantile } from '../../chaos/support/delays.ts';
import { breakOff, readSlowly, sendGarbage, stopReading } from '../../chaos/support/hostile-members.ts';
import { startParley } from '../../scenarios/support/installation.ts';
import { startPhone } from '../../scenarios/support/phone.ts';
import { joinByHand } from '../../scenarios/support/raw-guest.ts';
import type { RawGuest } from '../../scenarios/support/raw-guest.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    messages: { type: 'string', default: '300' },
    // Of each kind.
    hostile: { type: 'string', default: '3' },
  },
});

const domain = 'chat.localhost';
const [count, each] = [Number(values.messages), Number(values.hostile)];
const kinds = ['stuck', 'slow', 'noisy'] as const;
const wicked = kinds.flatMap((kind) => Array.from({ length: each }, (_, i) => `${kind}${i}`));
const broken = Array.from({ length: Number(values.rounds) }, (_, i) => `broken${i}`);
const people = ['quietalice', 'quietbob', 'alice', 'bob', ...wicked, ...broken];

await using stack = new AsyncDisposableStack();
const parley = stack.use(await startParley({ PARLEY_USERS: people.map((name) => `${name}:secret`).join(',') }));

async function come(name: string, room: string): Promise<RawGuest> {
  const phone = stack.use(await startPhone(parley.ports, name, { register: false }));
  const guest = await joinByHand(phone, room);
  stack.defer(() => {
    guest.wire[Symbol.dispose]();
  });
  return guest;
}

const headOf = (from: string, room: string): string =>
  `From: <sip:${from}@localhost>\nTo: <sip:${room}@${domain}>\n\nContent-Type: text/plain\n\n`;

const [quietAlice, quietBob] = [await come('quietalice', 'calm'), await come('quietbob', 'calm')];
const [alice, bob] = [await come('alice', 'harbour'), await come('bob', 'harbour')];
const noisy: RawGuest[] = [];
for (const name of wicked) {
  const guest = await come(name, 'harbour');
  if (name.startsWith('stuck')) stopReading(guest);
  else if (name.startsWith('slow')) stack.defer(readSlowly(guest));
  else noisy.push(guest);
}

const took = { calm: [] as number[], hostile: [] as number[] };
await delays(quietAlice, quietBob, headOf('quietalice', 'calm'), count); // while code is compiled
for (const name of broken) {
  took.calm.push(...(await delays(quietAlice, quietBob, headOf('quietalice', 'calm'), count)));
  const abroad = noisy.map((guest) => sendGarbage(guest, parley.ports.msrp));
  breakOff(await come(name, 'harbour'), `sip:harbour@${domain}`, `sip:${name}@localhost`);
  took.hostile.push(...(await delays(alice, bob, headOf('alice', 'harbour'), count)));
  await Promise.all(abroad);
}
console.log('| room | p50 ms | p99 ms |\n| --- | --- | --- |');
for (const [room, all] of Object.entries(took)) {
  all.sort((a, b) => a - b);
  console.log(`| ${room} | ${quantile(all, 0.5).toFixed(2)} | ${quantile(all, 0.99).toFixed(2)} |`);
}
console.log(`p99, hostile : calm ${(quantile(took.hostile, 0.99) / quantile(took.calm, 0.99)).toFixed(2)}`);
