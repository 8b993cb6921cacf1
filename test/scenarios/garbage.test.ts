import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '@parley/testing';
import { startParley } from './support/installation.ts';
import type { Installation, Ports } from './support/installation.ts';
import { enterRoom, startPhone } from './support/phone.ts';
import { processIds } from './support/processes.ts';
import { openWire, requestText } from './support/wire.ts';

const random = seededRandom(20_261);

/** First octets of a TLS 1.2 ClientHello. */
const clientHello = Buffer.from('16030100c8010000c40303', 'hex');

const rubbish: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ['random octets', random.bytes(4000)],
  ['zeros', new Uint8Array(4000)],
  ['one endless line', Buffer.alloc(200_000, 'a')],
  ['empty lines', Buffer.from('\r\n'.repeat(5000))],
  ['a TLS ClientHello', Buffer.concat([clientHello, random.bytes(189)])],
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['half a SIP request', Buffer.from(requestText({}).slice(0, 80))],
  ['a SIP head that never gets its body', Buffer.from(requestText({ lines: { 'Content-Length': '60000' } }))],
  ['a negative Content-Length', Buffer.from(requestText({ lines: { 'Content-Length': '-1' } }))],
  ['an enormous Content-Length', Buffer.from(requestText({ lines: { 'Content-Length': '9'.repeat(40) } }))],
  ['half an MSRP request', Buffer.from('MSRP a786hjs2 SEND\r\nTo-Path: msrp://127.0.0.1')],
  [
    'an MSRP request to nobody',
    Buffer.from(
      'MSRP d93kswow SEND\r\nTo-Path: msrp://127.0.0.1:1/x;tcp\r\nFrom-Path: msrp://127.0.0.1:2/y;tcp\r\n-------d93kswow$\r\n',
    ),
  ],
  ['an MSRP message without end', Buffer.from(`MSRP aaaa SEND\r\nTo-Path: x\r\n\r\n${'y'.repeat(100_000)}`)],
  ['UTF-16', Buffer.from('MESSAGE sip:bob@localhost SIP/2.0\r\n\r\n', 'utf16le')],
];

/** Says it to every TCP port at once, and hangs up. */
async function pour(ports: Ports, bytes: Uint8Array): Promise<void> {
  const { sip, sips, sipWs, msrp, msrps, msrpWs, http } = ports;
  const wires = await Promise.all(
    [sip, sips, sipWs, msrp, msrps, msrpWs, http].filter((port) => port > 0).map(openWire),
  );
  for (const wire of wires) wire.write(bytes);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const wire of wires) wire[Symbol.dispose]();
}

/** Sends it to the UDP port, in a datagram as large as goes. */
function drop(port: number, bytes: Uint8Array): Promise<void> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.send(bytes.subarray(0, 60_000), port, '127.0.0.1', (error) => {
      socket.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
}

describe('Rubbish on every port', () => {
  let parley: Installation;
  let before: ReturnType<typeof processIds>;

  beforeAll(async () => {
    parley = await startParley();
    before = processIds(parley);
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.each(rubbish)('%s ends no process', async (_what, bytes) => {
    await Promise.all([pour(parley.ports, bytes), drop(parley.ports.sip, bytes)]);
    expect(processIds(parley)).toEqual(before);
  });

  it('leaves messages and rooms working', async () => {
    await using alice = await startPhone(parley.ports, 'alice');
    await using bob = await startPhone(parley.ports, 'bob', { protocol: 'UDP' });
    expect((await alice.send('sip:bob@localhost', 'still there')).statusCode).toBe(200);
    await using aliceInside = await enterRoom(alice, 'kitchen', 'Cook');
    await using bobInside = await enterRoom(bob, 'kitchen', 'Butler');
    await aliceInside.room.say('still here');
    await bobInside.hears('still here');
    expect(processIds(parley)).toEqual(before);
  });
});
