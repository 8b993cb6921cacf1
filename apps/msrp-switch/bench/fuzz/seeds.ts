import type { Dice } from '@parley/testing';
import { hostileBody, mutations, xmlTypes } from '@parley/testing';
import type { Offer } from '../../tests/support/house.ts';
import { room, uriOf } from '../../tests/support/house.ts';

/** Mutations of MSRP. */
export const mutate = mutations(
  '$\r\n',
  '+\r\n',
  '#\r\n',
  '-------',
  '\r\n-------',
  'MSRP ',
  ' SEND\r\n',
  ' 200 OK\r\n',
  '1-*/*',
  '1-0/0',
  '9007199254740991',
  'msrp://',
  ';tcp',
  'To-Path: msrp://a;tcp\r\n',
  'Byte-Range: 2-1/1\r\n',
  'Success-Report: yes\r\n',
  'Failure-Report: partial\r\n',
  'Content-Type: text/plain\r\n\r\n',
  'Use-Nickname: ""\r\n',
  'Status: 000 200\r\n',
);

/** Who is in the room. */
export const names = ['alice', 'bob', 'carol', 'dave'] as const;

const ranges: readonly [string, ...string[]] = [
  '1-*/*',
  '0-0/0',
  '1-0/0',
  '2-1/1',
  '5-*/*',
  '100-*/*',
  '1-5/3',
  '1-10/20',
  '7-90/*',
  '9007199254740991-9007199254740991/9007199254740991',
  '9007199254740991-*/*',
  '9007199254740992-*/*',
  '1-*/9007199254740991',
  '99999999999999999999-1/1',
  '-1--1/-1',
];
const repeatedIds = ['same-id-1', 'same-id-2', 'same-id-3'] as const;

let serial = 0;

interface Chunk {
  readonly messageId: string;
  readonly range: string;
  readonly body: string;
  readonly flag: string;
}

/** Requests of one who speaks: a message in one chunk or several, or something else. */
export function freshRequests(dice: Dice, name: string, offer: Offer): Buffer[] {
  if (dice.percent(20)) return [otherRequest(dice, offer)];
  const to = dice.percent(70) ? room : uriOf(dice.pick(names));
  const type = dice.percent(95) ? 'message/cpim' : dice.pick(xmlTypes);
  const body = Buffer.from(hostileBody(type, uriOf(name), to, dice)).toString('latin1');
  const messageId = dice.percent(80) ? `message${++serial}` : dice.pick(repeatedIds);
  return chunksOf(dice, messageId, body).map((chunk) => send(dice, offer, type, chunk));
}

/** Mostly as RFC 4975 §5.1 has it; else ranges lie, chunks come twice, or lie over one another, or are missing. */
function chunksOf(dice: Dice, messageId: string, body: string): Chunk[] {
  const end = dice.percent(90) ? '$' : dice.pick(['#', '+']);
  const total = dice.percent(80) ? String(body.length) : '*';
  if (dice.percent(60)) {
    const range = dice.percent(80) ? `1-${body.length}/${total}` : dice.pick(ranges);
    return [{ messageId, range, body, flag: end }];
  }
  const step = 1 + dice.upTo(body.length + 1);
  const chunks: Chunk[] = [];
  for (let at = 0; at < body.length && chunks.length < 12; at += step) {
    const from = dice.percent(90) ? at : dice.upTo(body.length);
    const part = body.slice(from, at + step);
    const isLast = at + step >= body.length;
    const range = dice.percent(95)
      ? `${from + 1}-${dice.pick(['*', String(from + part.length)])}/${total}`
      : dice.pick(ranges);
    chunks.push({ messageId, range, body: part, flag: isLast ? end : '+' });
    if (dice.percent(5)) chunks.pop();
    if (dice.percent(5)) chunks.reverse();
  }
  return chunks;
}

function send(dice: Dice, offer: Offer, type: string, { messageId, range, body, flag }: Chunk): Buffer {
  const id = dice.percent(95) ? `t${++serial}chunk` : 'same-transaction';
  const ended = dice.percent(95) ? id : dice.pick([`${id}x`, 'another', '']);
  // An end-line of its own within a body.
  const trap = dice.percent(3) ? `\r\n-------${id}${flag}\r\n` : '';
  return written(id, 'SEND', offer, [
    `Message-ID: ${messageId}`,
    `Byte-Range: ${range}`,
    ...(dice.percent(20) ? [`Success-Report: ${dice.pick(['yes', 'no'])}`] : []),
    ...(dice.percent(20) ? [`Failure-Report: ${dice.pick(['yes', 'no', 'partial'])}`] : []),
    `Content-Type: ${type}\r\n`,
    `${body}${trap}`,
    `-------${ended}${flag}`,
  ]);
}

function otherRequest(dice: Dice, offer: Offer): Buffer {
  const id = `t${++serial}other`;
  const lines = dice.pick([
    ['NICKNAME', `Use-Nickname: "${dice.pick(['Al', '', '\\"', 'x'.repeat(1100), '\u00c3\u00a9'])}"`],
    [
      'REPORT',
      `Message-ID: ${dice.pick(repeatedIds)}`,
      'Byte-Range: 1-5/5',
      `Status: 000 ${dice.pick([200, 400, 413])}`,
    ],
    ['SEND', `Message-ID: ${id}`, 'Byte-Range: 1-0/0'],
    ['SEND', `Message-ID: ${id}`, `Byte-Range: ${dice.pick(ranges)}`],
    ['AUTH', 'Expires: 600'],
    ['NEWMETHOD', 'Any: thing'],
  ]);
  const [method = '', ...fields] = lines;
  return written(id, method, offer, [...fields, `-------${id}${dice.pick(['$', '$', '+', '#'])}`]);
}

function written(id: string, method: string, { toPath, fromPath }: Offer, lines: readonly string[]): Buffer {
  const head = [`MSRP ${id} ${method}`, `To-Path: ${toPath}`, `From-Path: ${fromPath}`];
  return Buffer.from(`${[...head, ...lines].join('\r\n')}\r\n`, 'latin1');
}
