import { concatBytes, portableCodec } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { createMsrpReader } from '../src/index.ts';
import type { MsrpEvent } from '../src/index.ts';
import { bytesOf, readText } from './support/events.ts';
import { nativeCodec } from './support/native-codec.ts';

const paths =
  'To-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\nFrom-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n';
const head = (id = 'd93kswow', method = 'SEND'): string =>
  `MSRP ${id} ${method}\r\n${paths}Message-ID: 12339sdqwer\r\nContent-Type: text/plain\r\n\r\n`;
const send = (body: string, id = 'd93kswow', flag = '$'): string => `${head(id)}${body}\r\n-------${id}${flag}\r\n`;
const kinds = (events: readonly MsrpEvent[]): readonly string[] => events.map(({ kind }) => kind);
const bodyOf = (events: readonly MsrpEvent[]): string =>
  portableCodec.decodeLatin1(
    ...wholeOf(concatBytes(events.flatMap((event) => (event.kind === 'body' ? [event.bytes] : [])))),
  );
const wholeOf = (bytes: Uint8Array): [Uint8Array, number, number] => [bytes, 0, bytes.length];
const everyOctet = (text: string): number[] => Array.from({ length: text.length }, (_, i) => i);

describe('a chunk as it arrives', () => {
  it('is announced as soon as its header section is complete, before any of its body', () => {
    const reader = createMsrpReader();
    expect(kinds(reader.push(bytesOf(head())))).toEqual(['start']);
    expect(kinds(reader.push(bytesOf('Hi')))).toEqual(['body']);
    expect(kinds(reader.push(bytesOf('\r\n-------d93kswow$\r\n')))).toEqual(['end']);
  });

  it('is handed out as views of the octets that came in, not as copies', () => {
    const reader = createMsrpReader({ codec: nativeCodec });
    const bytes = bytesOf(send('Hi'));
    const body = reader.push(bytes).find((event) => event.kind === 'body');
    expect(body?.bytes.buffer).toBe(bytes.buffer);
  });

  it.each([
    ['Hello\r', 1],
    ['Hello\r\n', 2],
    ['Hello\r\n----', 6],
    ['Hello\r\n-------d93kswow', 17],
    ['Hello\r\n-------d93kswow+', 18],
    ['Hello\r\n-------d93kswow+\r', 19],
    ['Hello\r\n-------d93kswox', 0],
    ['Hello\r\r', 1],
    ['Hello-------d93kswow$\r\n', 2],
    ['Hello', 0],
  ])('holds back of %j only the %i octets that may be the end-line', (text, held) => {
    const reader = createMsrpReader();
    reader.push(bytesOf(head()));
    expect(bodyOf(reader.push(bytesOf(text)))).toBe(text.slice(0, text.length - held));
  });

  it.each([
    'seven hyphens\r\n-------op2nc9a$\r\nof another transaction',
    'its own hyphens without flag\r\n-------d93kswow\r\n',
    'its own hyphens with another flag\r\n-------d93kswow*\r\n',
    'a longer transaction\r\n-------d93kswowx$\r\n',
    'an end-line in the middle of a line -------d93kswow$\r\n',
    'an end-line without CRLF behind\r\n-------d93kswow$ ',
    '\r\n-------d93kswow$\r\r\n-------d93kswow$x',
    '\r\n\r\n\r\n',
    '\r',
    '-',
  ])('may contain %j', (body) => {
    const events = readText(send(body));
    expect(kinds(events)).toEqual(['start', 'body', 'end']);
    expect(bodyOf(events)).toBe(body);
    expect(readText(send(body), { cuts: everyOctet(send(body)) })).toEqual(events);
  });

  it('may be empty, and is then no bodiless request (RFC 4975 §7.1)', () => {
    expect(kinds(readText(send('')))).toEqual(['start', 'end']);
    expect(kinds(readText(`MSRP d93kswow SEND\r\n${paths}-------d93kswow$\r\n`))).toEqual(['request']);
  });

  it('is empty too when the end-line follows the empty line at once', () => {
    const text = `${head()}-------d93kswow$\r\n${send('next')}`;
    const events = readText(text);
    expect(kinds(events)).toEqual(['start', 'end', 'start', 'body', 'end']);
    expect(readText(text, { cuts: everyOctet(text), codec: nativeCodec })).toEqual(events);
  });

  it.each(['$', '+', '#'])('ends with the flag %s (RFC 4975 §7.1)', (flag) => {
    expect(readText(send('Hi', 'd93kswow', flag)).at(-1)).toEqual({ kind: 'end', flag });
  });

  it('is found behind others in the same segment, whatever their sizes', () => {
    const sizes = [0, 1, 200, 3000, 4096, 5000, 70_000, 5];
    const events = readText(sizes.map((size, i) => send('x'.repeat(size), `d93kswow${i}`)).join(''));
    const lengths: number[] = [];
    for (const event of events) {
      if (event.kind === 'start') lengths.push(0);
      if (event.kind === 'body') lengths[lengths.length - 1] = event.bytes.length;
    }
    expect(lengths).toEqual(sizes);
  });
});

describe('limits', () => {
  const one = send('0123456789');

  it.each([
    ['headBytes', { headBytes: 100 }, 'headers'],
    ['headerCount', { headerCount: 3 }, 'headers'],
    ['lineBytes', { lineBytes: 40 }, 'line'],
    ['identLength', { identLength: 7 }, 'transact-id'],
  ])('%s passed is fatal, in one piece or in many', (_name, limits, rule) => {
    for (const cuts of [[], everyOctet(one)]) {
      const events = readText(one, { limits, cuts });
      expect(events).toMatchObject([{ kind: 'error', fatal: true, error: { rule } }]);
    }
  });

  it('a head without end is fatal once it passes headBytes', () => {
    const reader = createMsrpReader({ limits: { headBytes: 1000 } });
    expect(reader.push(bytesOf(`MSRP d93kswow SEND\r\nX: ${'x'.repeat(900)}`))).toEqual([]);
    expect(reader.push(bytesOf('x'.repeat(200)))).toMatchObject([{ kind: 'error', fatal: true }]);
  });

  it('something that is not MSRP is fatal at its first wrong octet', () => {
    expect(createMsrpReader().push(bytesOf('MSG'))).toMatchObject([{ fatal: true, error: { rule: 'pMSRP' } }]);
  });

  it('a path of more than pathUris is answered 400 and passed over', () => {
    const long = one.replace('From-Path: ', 'From-Path: msrp://r.example.com:1/abcd;tcp ');
    expect(readText(long, { limits: { pathUris: 1 } })).toMatchObject([{ fatal: false, error: { rule: 'From-Path' } }]);
  });

  it('a body of more than chunkBytes gets 413 in the place of its end, then reading goes on (RFC 4975 §10.5)', () => {
    for (const cuts of [[], everyOctet(one + one)]) {
      const events = readText(one + one, { limits: { chunkBytes: 9 }, cuts });
      expect(kinds(events)).toEqual(['start', 'body', 'error', 'start', 'body', 'error']);
      expect(bodyOf(events)).toBe('012345678012345678');
      expect(events[2]).toMatchObject({ status: 413, fatal: false, request: { transactionId: 'd93kswow' } });
    }
  });

  it('the body of any other request has its own limit, 10240 octets (RFC 4975 §7.1)', () => {
    const text = send('x'.repeat(10_241)).replace(' SEND', ' OTHER');
    expect(kinds(readText(text))).toEqual(['start', 'body', 'error']);
    expect(kinds(readText(send('x'.repeat(10_241))))).toEqual(['start', 'body', 'end']);
  });
});

describe('the end of the stream', () => {
  it('is silent between messages, and after a fatal error', () => {
    expect(createMsrpReader().end()).toEqual([]);
    const reader = createMsrpReader();
    reader.push(bytesOf('HTTP'));
    expect(reader.end()).toEqual([]);
    expect(reader.push(bytesOf(send('Hi')))).toEqual([]);
  });

  it.each(['MS', `MSRP d93kswow SEND\r\n${paths}`, `${head()}Hi`])('breaks off %j', (text) => {
    const reader = createMsrpReader();
    reader.push(bytesOf(text));
    expect(reader.end()).toMatchObject([{ kind: 'error', fatal: true, error: { rule: 'end-line' } }]);
  });
});

describe('leniency', () => {
  it.each([
    ['header names in any case', 'message-id: abcd\r\n'],
    ['no space behind the colon', 'Message-ID:abcd\r\n'],
    ['more white space around a value', 'Message-ID: \t abcd \t\r\n'],
  ])('takes %s', (_name, line) => {
    const events = readText(`MSRP d93kswow SEND\r\n${paths}${line}-------d93kswow$\r\n`);
    expect(events).toMatchObject([{ kind: 'request', request: { messageId: 'abcd' } }]);
  });

  it('ignores header fields that it does not know, and keeps them (RFC 4975 §12)', () => {
    const events = readText(
      `MSRP d93kswow SEND\r\n${paths}X-Grüße: wohl\r\n-------d93kswow$\r\n`.replace('ü', 'u').replace('ß', 's'),
    );
    expect(events).toMatchObject([{ kind: 'request', request: { fields: [{ name: 'X-Gruse', value: 'wohl' }] } }]);
  });
});
