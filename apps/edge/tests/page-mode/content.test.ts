import { deflateSync } from 'node:zlib';
import { readRaw } from '@parley/sip';
import { seededRandom } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const random = seededRandom(3428);
const boundary = "b'()+_,-./:=?";
const multipart = Buffer.from(
  `--${boundary}\r\nContent-Type: text/plain\r\n\r\none\r\n--${boundary}\r\nContent-Type: image/png\r\n\r\n\u0000\u0001\r\n--${boundary}--\r\nepilogue`,
  'latin1',
);
const cpim = 'From: <im:alice@localhost>\r\nTo: <im:bob@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\nhello';

/** Bodies, and the fields that say what they are. */
const contents: readonly (readonly [string, Buffer, readonly string[]])[] = [
  [
    'all octets',
    Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)),
    ['Content-Type: application/octet-stream'],
  ],
  ['random octets', Buffer.from(random.bytes(20_000)), ['Content-Type: application/octet-stream']],
  ['what looks like a message', Buffer.from('\r\n\r\nSIP/2.0 200 OK\r\n\r\n'), ['Content-Type: text/plain']],
  ['no UTF-8', Buffer.from([0x63, 0xe9, 0xff, 0x00]), ['Content-Type: text/plain;charset=iso-8859-1']],
  ['deflated CPIM', deflateSync(cpim), ['Content-Type: message/cpim', 'Content-Encoding: deflate']],
  ['several parts', multipart, [`Content-Type: multipart/mixed;boundary="${boundary}"`]],
  [
    'signed parts',
    multipart,
    [`Content-Type: multipart/signed;protocol="application/pkcs7-signature";micalg=sha-256;boundary="${boundary}"`],
  ],
  [
    'an envelope',
    Buffer.from(random.bytes(3_000)),
    ['Content-Type: application/pkcs7-mime;smime-type=enveloped-data', 'Content-Transfer-Encoding: binary'],
  ],
  [
    'a type that nobody knows',
    Buffer.from('?'),
    ['Content-Type: x-parley/unheard-of;v="1;2"', 'Content-Language: tlh'],
  ],
  ['nothing', Buffer.alloc(0), []],
];

describe.each(['udp', 'tcp'] as const)('The content of a message over %s (RFC 3428 §4, §8)', (transport) => {
  let edge: TestEdge;

  beforeAll(async () => {
    edge = await startTestEdge({ env: { PARLEY_AUTH: 'none' } });
  });
  afterAll(async () => {
    await edge[Symbol.asyncDispose]();
  });

  function write(phone: Phone, to: string, body: Buffer, fields: readonly string[]): void {
    const head = phone.write('MESSAGE', to, { fields }).replace('Content-Length: 0', `Content-Length: ${body.length}`);
    phone.send(Buffer.concat([Buffer.from(head, 'latin1'), body]));
  }

  it.each(contents)('arrives as it was sent: %s', async (_what, body, fields) => {
    await using alice = await Phone[transport](edge.port, 'alice');
    await using bob = await Phone[transport](edge.port, 'bob');
    await bob.register();
    write(alice, 'sip:bob@localhost', body, fields);
    const came = await bob.incoming();
    bob.answer(came, 200);
    expect((await alice.final()).statusCode).toBe(200);
    expect(Buffer.from(came.body).equals(body)).toBe(true);
    for (const line of fields) {
      const [name = '', ...value] = line.split(': ');
      expect(readRaw(came, name)).toBe(value.join(': '));
    }
    await bob.register(`${bob.contact};expires=0`);
  });

  it.each(contents.slice(0, 6))('comes back out of the mailbox as it was sent: %s', async (_what, body, fields) => {
    await using alice = await Phone[transport](edge.port, 'alice');
    write(alice, 'sip:carol@localhost', body, fields);
    expect((await alice.final()).statusCode).toBe(202);
    await using carol = await Phone.tcp(edge.port, 'carol');
    await carol.register();
    const came = await carol.incoming();
    carol.answer(came, 200);
    expect(Buffer.from(came.body).equals(body)).toBe(true);
    expect(readRaw(came, 'Content-Encoding')).toBe(
      fields.includes('Content-Encoding: deflate') ? 'deflate' : undefined,
    );
    await carol.register(`${carol.contact};expires=0`);
  });
});

describe('What is too large for a message', () => {
  it('is answered 413 with Max-Size, by the server and beyond 1 MiB by the transport (RFC 3261 §21.4.11)', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_AUTH: 'none', PARLEY_MAX_SIZE: '1000' } });
    await using alice = await Phone.tcp(edge.port, 'alice');
    for (const size of [1_001, 1_048_577, 5_000_000]) {
      const answer = await alice.ask('MESSAGE', 'sip:bob@localhost', { body: 'x'.repeat(size) });
      expect([answer.statusCode, readRaw(answer, 'Max-Size')]).toEqual([413, '1000']);
    }
    expect((await alice.ask('MESSAGE', 'sip:bob@localhost', { body: 'x'.repeat(1_000) })).statusCode).toBe(202);
  });
});
