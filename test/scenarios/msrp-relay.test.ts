import { parsePath, usePathOf } from '@parley/msrp';
import { freePort } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import { startMsrpRelay } from './support/msrp-relay.ts';
import { enterRoom, startPhone } from './support/phone.ts';
import type { Guest } from './support/phone.ts';
import { joinByHand } from './support/raw-guest.ts';
import type { RawGuest } from './support/raw-guest.ts';
import { hasTool } from './support/tool.ts';
import { openWire } from './support/wire.ts';

const room = 'sip:relayed@chat.localhost';
const ours = 'msrp://client.invalid:7654/behindRelay;tcp';

/** What alice says, on the wire; a chunk of it is given by its range. */
function say(transaction: string, to: string, text: string): string {
  const head = `From: <sip:alice@localhost>\nTo: <${to}>\n\nContent-Type: text/plain\n\n`;
  return (
    `MSRP ${transaction} SEND\nMessage-ID: of-${transaction}\nByte-Range: 1-${head.length + 7 + text.length}/*\n` +
    `Success-Report: yes\nContent-Type: message/cpim\n\n${head}${text}\n-------${transaction}$\n`
  );
}

// Kamailio's module `msrp` is an MSRP implementation that nobody here wrote.
describe.skipIf(!hasTool('kamailio'))('A member behind a relay, Kamailio (RFC 4976, RFC 4975 §8.3)', () => {
  const house = new AsyncDisposableStack();
  let alice: RawGuest;
  let bob: Guest;

  beforeAll(async () => {
    const { ports } = house.use(await startParley());
    const relay = house.use(await startMsrpRelay(await freePort()));
    const wire = house.use(await openWire(relay.port));
    wire.write(
      `MSRP auth1 AUTH\r\nTo-Path: msrp://127.0.0.1:${relay.port};tcp\r\nFrom-Path: ${ours}\r\n-------auth1$\r\n`,
    );
    const [, value = ''] = await wire.receives(/MSRP auth1 200[^]*Use-Path: ([^\r]*)\r/);
    const usePath = usePathOf([{ name: 'Use-Path', value }]);
    expect(usePath.ok && usePath.value?.text).toBe(value);
    expect(parsePath(value, 1).ok).toBe(true);
    const phone = house.use(await startPhone(ports, 'alice'));
    alice = house.use(await joinByHand(phone, 'relayed', { relay: { uri: value, wire, ours } }));
    bob = house.use(await enterRoom(house.use(await startPhone(ports, 'bob')), 'relayed', 'Bob'));
  });
  afterAll(() => house.disposeAsync());

  it('is heard by the others, and gets a success report along the whole path', async () => {
    alice.send(say('s3490vis', room, 'Hello through a relay'));
    expect((await bob.hears('Hello through a relay')).from.uri).toBe('sip:alice@localhost');
    const [report] = await alice.gets(/MSRP [a-z0-9]+ REPORT [^]*?-------[a-z0-9]+\$/);
    expect(report).toContain(`To-Path: ${ours}\r\n`);
    expect(report).toContain('Message-ID: of-s3490vis\r\n');
    expect(report).toContain('Status: 000 200');
  });

  it('hears the others, also what does not fit a small chunk', async () => {
    await bob.room.say('Hello to who is behind it');
    await alice.gets(/Message-ID: [^]*?Hello to who is behind it/);
    const long = 'x'.repeat(8_000);
    await bob.room.say(`${long} the end`);
    await alice.gets(/x the end -------/);
  });

  it('reserves a nickname: the answer goes back along the From-Path (RFC 4975 §7.2)', async () => {
    alice.send('MSRP d93kswow NICKNAME\nUse-Nickname: "Relayed"\n-------d93kswow$\n');
    await alice.gets(/MSRP d93kswow 200/);
    await bob.sees(/Relayed/);
  });

  it('speaks and is spoken to in private', async () => {
    alice.send(say('p3490vis', 'sip:bob@localhost', 'Between us'));
    await bob.hears('Between us');
    await bob.room.sayTo('sip:alice@localhost', 'And back');
    await alice.gets(/And back/);
  });
});
