import { readdirSync, readFileSync } from 'node:fs';
import type { Dice } from '@parley/testing';
import { hostileBody, xmlTypes } from '@parley/testing';

const vectors = new URL('../../../../test/vectors/', import.meta.url);

function filesOf(rfc: string): Buffer[] {
  return ['valid', 'invalid'].flatMap((kind) => {
    const folder = new URL(`${rfc}/${kind}/`, vectors);
    return readdirSync(folder).map((name) => readFileSync(new URL(name, folder)));
  });
}

/** Messages that are known to be hard. */
export function tortureSeeds(): [Buffer, ...Buffer[]] {
  return [Buffer.from('\r\n'), ...filesOf('rfc4475'), ...filesOf('rfc5118')];
}

const methods: readonly [string, ...string[]] = [
  'MESSAGE',
  'MESSAGE',
  'MESSAGE',
  'REGISTER',
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'PUBLISH',
  'NEWMETHOD',
];
const targets: readonly [string, ...string[]] = [
  'sip:bob@localhost',
  'sip:bob@localhost',
  'sip:alice@localhost',
  'sip:localhost',
  'sip:nobody@localhost',
  'sip:room@chat.localhost',
  'sip:list@localhost',
  'im:bob@localhost',
  'tel:+358555123',
  'sip:localhost;lr',
];
const lines: readonly [string, ...string[]] = [
  'Contact: <sip:bob@127.0.0.1:40002;transport=tcp>;expires=60',
  'Contact: <sip:bob@127.0.0.1:40002>;+sip.instance="<urn:uuid:0>";reg-id=1',
  'Contact: *',
  'Expires: 0',
  'Expires: 600',
  'Route: <sip:localhost;lr>',
  'Supported: path, outbound, gruu',
  'Require: nothing',
  'Event: conference',
  'Event: reg',
  'Accept-Contact: *;methods="MESSAGE";require',
  'Privacy: id',
  'P-Preferred-Identity: <sip:alice@localhost>',
  'Content-Type: text/plain',
  'Content-Type: message/cpim',
  'Content-Encoding: deflate',
  'To: <sip:bob@localhost>;tag=other',
];

const types = ['message/cpim', 'multipart/mixed;boundary=b', ...xmlTypes] as const;

let serial = 0;

/** A request as a client of this domain writes it, in a transaction of its own. */
export function freshRequest(dice: Dice): Buffer {
  const method = dice.pick(methods);
  const uri = method === 'REGISTER' ? 'sip:localhost' : dice.pick(targets);
  const user = dice.pick(['alice', 'bob', 'eve']);
  const id = ++serial;
  const extra = Array.from({ length: dice.upTo(4) }, () => dice.pick(lines));
  const type = dice.percent(20) ? dice.pick(types) : undefined;
  const body = type === undefined ? 'x'.repeat(dice.upTo(60)) : hostileBody(type, `sip:${user}@localhost`, uri, dice);
  return Buffer.from(
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:40001;rport;branch=z9hG4bKfuzz${id}`,
      `Max-Forwards: ${dice.pick([70, 70, 1, 0])}`,
      `From: <sip:${user}@localhost>;tag=t${id}`,
      `To: <${method === 'REGISTER' ? `sip:${user}@localhost` : uri}>`,
      `Call-ID: call${id}@127.0.0.1`,
      `CSeq: ${id} ${method}`,
      ...extra,
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

const codes: readonly [number, ...number[]] = [100, 180, 200, 200, 200, 202, 302, 404, 407, 415, 480, 486, 503, 603];

/** What a device may say to a request that it was sent. */
export function freshResponse(request: Buffer, dice: Dice): Buffer {
  const head = request.toString('latin1', request.indexOf('\r\n'), request.indexOf('\r\n\r\n'));
  return Buffer.from(`SIP/2.0 ${dice.pick(codes)} Because${head}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
}
