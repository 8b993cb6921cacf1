import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from '../scenarios/support/installation.ts';
import type { Installation } from '../scenarios/support/installation.ts';
import { startPhone } from '../scenarios/support/phone.ts';
import { processIds } from '../scenarios/support/processes.ts';
import { joinByHand } from '../scenarios/support/raw-guest.ts';
import type { RawGuest } from '../scenarios/support/raw-guest.ts';
import { delays } from './support/delays.ts';
import { breakOff, readSlowly, sendGarbage, stopReading } from './support/hostile-members.ts';

const room = 'sip:harbour@chat.localhost';
const people = ['alice', 'bob', 'stuck', 'slow', 'noisy', 'broken'];
const megabyte = 1024 * 1024;
const settings = {
  PARLEY_USERS: people.map((name) => `${name}:secret`).join(','),
  PARLEY_MSRP_MAX_SIZE: String(200 * megabyte),
};

/** Octets of memory that the process holds, or held at most since {@link forgetPeak}. */
function memory(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes = ''] =
    new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

const head = `From: <sip:alice@localhost>\nTo: <${room}>\n\nContent-Type: text/plain\n\n`;

describe('Hostile members of a room', () => {
  const house = new AsyncDisposableStack();
  let parley: Installation;
  let alice: RawGuest;
  let bob: RawGuest;

  const come = async (name: string): Promise<RawGuest> => {
    const phone = house.use(await startPhone(parley.ports, name, { register: false }));
    const guest = await joinByHand(phone, 'harbour');
    house.defer(() => {
      guest.wire[Symbol.dispose]();
    });
    return guest;
  };

  beforeAll(async () => {
    parley = house.use(await startParley(settings));
    [alice, bob] = [await come('alice'), await come('bob')];
  });
  afterAll(() => house.disposeAsync());

  it('slow nobody else down: one that reads nothing, one that reads slowly, one that sends garbage, one that breaks off', async () => {
    stopReading(await come('stuck'));
    const stop = readSlowly(await come('slow'));
    house.defer(stop);
    const noisy = await come('noisy');
    for (let i = 0; i < 3; i++) {
      const abroad = sendGarbage(noisy, parley.ports.msrp);
      if (i === 0) breakOff(await come('broken'), room, 'sip:broken@localhost');
      // Each is said when the one before was heard; how soon that is, test/load/room/hostile.ts measures.
      await delays(alice, bob, head, 100);
      await abroad;
    }
    // What was broken off is said to be so (RFC 4975 §7.1.1).
    await bob.gets(/Message-ID: broken-off[^]*-------[a-z0-9]+#/);
  });

  it('cost bounded memory: 200 MiB go through the room while one reads nothing, who is dropped', async () => {
    const pid = processIds(parley)['msrp-switch'];
    const before = memory(pid, 'VmRSS');
    forgetPeak(pid);
    const total = 200 * megabyte;
    let octets = 0;
    bob.wire.socket.on('data', (text: string) => (octets += text.length));
    alice.send(
      `MSRP large1234 SEND\nMessage-ID: large-one\nByte-Range: 1-*/${total}\nContent-Type: message/cpim\n\n${head}`,
    );
    const { socket } = alice.wire;
    const piece = Buffer.alloc(64 * 1024, 'y');
    const start = head.length + (head.match(/\n/g)?.length ?? 0);
    for (let sent = start; sent < total; sent += piece.length) {
      if (!socket.write(piece.subarray(0, Math.min(piece.length, total - sent)))) await once(socket, 'drain');
    }
    socket.write('\r\n-------large1234$\r\n');
    await alice.gets(/MSRP large1234 200/);
    await eventually(
      () => {
        if (octets < total) throw new Error(`bob has ${octets} of ${total}`);
      },
      { within: 60_000 },
    );
    const grown = (memory(pid, 'VmHWM') - before) / megabyte;
    console.log(`the switch grew by at most ${grown.toFixed(0)} MiB while 200 MiB went through it`);
    // One queue at its cap of 16 MiB, V8's young generation at its largest, and what the collector has not got to yet.
    expect(grown).toBeLessThan(100);
  });
});
