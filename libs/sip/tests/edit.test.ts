import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import {
  checkRequest,
  createRequest,
  createResponse,
  createResponseTo,
  encodeText,
  field,
  noParameters,
  parseSipMessage,
  read,
  readAll,
  readRaw,
  readRawAll,
  serialise,
  serialiseHead,
  without,
  withAppended,
  withBody,
  withField,
  withFirst,
  withoutFirst,
  withRawField,
  withRequestUri,
  withTop,
} from '../src/index.ts';
import { rawValue, token } from './arbitraries.ts';
import { failure, octets, request, requestWith } from './support.ts';

const via = (host: string) => ({ protocol: 'SIP', version: '2.0', transport: 'UDP', host, parameters: noParameters });
const lines = (message: Parameters<typeof serialiseHead>[0]): string[] => serialiseHead(message).split('\r\n');

const folded = request(
  'MESSAGE sip:b@c SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1 ,\r\n  SIP/2.0/TCP b\r\nX-Own:  kept as\r\n\tit came \r\n' +
    'Via: SIP/2.0/UDP c\r\nRoute: <sip:p1,x@h;lr> , <sip:p2;lr>\r\nSupported:\r\nL: 2\r\n\r\nhi',
);

describe('edits of a message', () => {
  it('leave every other line as it came, folds and compact names included', () => {
    const edited = withRequestUri(withField(withTop(folded, field.via, via('me')), field.maxForwards, 69), 'sip:x@y');
    expect(serialiseHead(edited)).toBe(
      'MESSAGE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP me\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1 ,\r\n  SIP/2.0/TCP b\r\n' +
        'X-Own:  kept as\r\n\tit came \r\nVia: SIP/2.0/UDP c\r\nRoute: <sip:p1,x@h;lr> , <sip:p2;lr>\r\nSupported:\r\n' +
        'L: 2\r\nMax-Forwards: 69\r\n\r\n',
    );
    expect(serialise(folded)).not.toEqual(serialise(edited));
  });

  it('put a Via above all others (RFC 3261 §16.6 item 8) and take the topmost away (§16.7 item 3)', () => {
    const pushed = withTop(folded, field.via, via('me'));
    expect(unwrap(readAll(pushed, field.via)).map(({ host }) => host)).toEqual(['me', 'a', 'b', 'c']);
    const popped = withoutFirst(withoutFirst(pushed, field.via), field.via);
    expect(unwrap(readAll(popped, field.via)).map(({ host }) => host)).toEqual(['b', 'c']);
    expect(unwrap(readAll(withoutFirst(withoutFirst(popped, field.via), field.via), field.via))).toEqual([]);
    expect(withoutFirst(without(folded, field.via), field.via)).toEqual(without(folded, field.via));
  });

  it('put a value in place of the first of its name (§18.2.1), and of no other element of its line', () => {
    const stamped = withFirst(folded, field.via, via('me'));
    expect(unwrap(readAll(stamped, field.via)).map(({ host }) => host)).toEqual(['me', 'b', 'c']);
    expect(lines(stamped)[1]).toBe('Via: SIP/2.0/UDP me');
    expect(lines(withFirst(without(folded, field.via), field.via, via('me')))[1]).toBe('Via: SIP/2.0/UDP me');
  });

  it('do not take a comma inside of brackets for the end of a Route (§16.4)', () => {
    expect(readRaw(withoutFirst(folded, field.route), 'Route')).toBe('<sip:p2;lr>');
  });

  it('replace, append and remove by name in any case and form', () => {
    const replaced = withField(folded, field.via, via('only'));
    expect(readRawAll(replaced, 'V')).toEqual(['SIP/2.0/UDP only']);
    const appended = withAppended(folded, field.via, via('last'));
    expect(unwrap(readAll(appended, field.via)).at(-1)?.host).toBe('last');
    expect(readRaw(without(folded, { name: 'x-own' }), 'X-Own')).toBeUndefined();
    expect(readRaw(withRawField(folded, 'x-OWN', 'new'), 'X-Own')).toBe('new');
  });

  it('set Content-Type and Content-Length with the body (RFC 3261 §20.14, §20.15)', () => {
    const typed = withBody(folded, 'text/plain', octets('hello'));
    expect(lines(typed)).toContain('Content-Length: 5');
    expect(readRaw(typed, 'c')).toBe('text/plain');
    const bare = withBody(typed, undefined, new Uint8Array());
    expect(readRaw(bare, 'Content-Type')).toBeUndefined();
    expect(lines(bare).filter((line) => /^content-length/i.test(line))).toEqual(['Content-Length: 0']);
  });

  it('read what is not there as undefined and what is empty as no values', () => {
    expect(unwrap(read(folded, field.from))).toBeUndefined();
    expect(unwrap(read(folded, field.supported))).toBeUndefined();
    expect(unwrap(readAll(folded, field.supported))).toEqual([]);
    expect(readRaw(folded, 'x-own')).toBe('kept as it came');
    expect(unwrap(read(folded, field.via))).toBe(unwrap(read(folded, field.via)));
  });

  it('never let a value make a line of its own', () => {
    const smuggled = withRawField(folded, 'Subject', 'a\r\nVia: SIP/2.0/UDP evil\n\rX: y');
    expect(readRawAll(unwrap(parseSipMessage(serialise(smuggled))), 'Via')).toHaveLength(2);
    const named = withField(folded, field.from, {
      displayName: 'a\r\nVia: SIP/2.0/UDP evil',
      uri: { kind: 'absolute', scheme: 'urn', rest: 'x' },
      parameters: noParameters,
    });
    expect(unwrap(readAll(unwrap(parseSipMessage(serialise(named))), field.via))).toHaveLength(3);
    expect(() => withRawField(folded, 'a: b', 'c')).toThrow('not the name');
    expect(() => withRequestUri(folded, 'sip:a b')).toThrow('Request-URI');
    expect(() => createRequest({ method: 'A B', requestUri: 'sip:a', fields: [] })).toThrow('not a method');
    expect(() => createResponse({ statusCode: 99, fields: [] })).toThrow('not a status code');
  });
});

describe('messages made from parts', () => {
  it('come back from their octets', () => {
    const requests = fc.record({
      method: token,
      requestUri: fc.constant('sip:a@b'),
      fields: fc.array(
        fc.tuple(
          token.filter((name) => !/^(?:l|content-length)$/i.test(name)),
          rawValue,
        ),
      ),
      body: fc.uint8Array({ maxLength: 20 }),
    });
    fc.assert(
      fc.property(requests, (parts) => {
        const made = createRequest(parts);
        const back = unwrap(parseSipMessage(serialise(made)));
        expect(back).toMatchObject({ kind: 'request', method: parts.method, requestUri: parts.requestUri });
        expect(back.body).toEqual(parts.body);
        expect(serialiseHead(back)).toBe(serialiseHead(made));
        for (const [name] of parts.fields) expect(readRawAll(back, name)).toEqual(readRawAll(made, name));
      }),
    );
  });

  it('take Unicode that was encoded, and encode what plainly was not', () => {
    expect(
      serialise(createResponse({ statusCode: 200, reasonPhrase: encodeText('è'), fields: [] })).slice(12, 14),
    ).toEqual(Uint8Array.of(0xc3, 0xa8));
    expect(readRaw(withRawField(folded, 'Subject', '大'), 'Subject')).toBe(encodeText('大'));
  });
});

describe('response to a request (RFC 3261 §8.2.6)', () => {
  const asked = requestWith('Timestamp: 54', 'Subject: x', 'Record-Route: <sip:p;lr>');

  it('MUST copy Via, From, To, Call-ID and CSeq and add a tag to To (§8.2.6.2)', () => {
    const answer = createResponseTo(asked, 404, undefined, { toTag: 'abc' });
    expect(lines(answer)).toEqual([
      'SIP/2.0 404 Not Found',
      'Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1',
      'From: <sip:alice@example.com>;tag=1',
      'To: <sip:bob@example.com>;tag=abc',
      'Call-ID: 1@a.example.com',
      'CSeq: 1 MESSAGE',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  it('MUST copy Timestamp into a 100 (§8.2.6.1), and no tag is needed', () => {
    expect(readRaw(createResponseTo(asked, 100), 'Timestamp')).toBe('54');
    expect(unwrap(read(createResponseTo(asked, 100), field.to))?.tag).toBeUndefined();
  });

  it('MUST keep a tag that To has, and leaves a To that cannot be read as it came', () => {
    const tagged = withRawField(asked, 'To', '<sip:b@c>;tag=mine');
    expect(readRaw(createResponseTo(tagged, 200, 'Fine', { toTag: 'other' }), 'To')).toBe('<sip:b@c>;tag=mine');
    const broken = withRawField(asked, 'To', '"unfinished <sip:b@c>');
    expect(readRaw(createResponseTo(broken, 400, undefined, { toTag: 'x' }), 'To')).toBe('"unfinished <sip:b@c>');
  });

  it('can be made from what parsing saved of a malformed request', () => {
    const error = failure(parseSipMessage(octets(serialiseHead(asked).replace('SIP/2.0\r\n', 'SIP/2.0 \r\n'))));
    const saved = error.salvaged;
    if (saved?.kind !== 'request') throw new Error('nothing saved');
    expect(createResponseTo(saved, error.status ?? 0)).toMatchObject({ statusCode: 400 });
    expect(readRaw(createResponseTo(saved, 400), 'Call-ID')).toBe('1@a.example.com');
  });
});

describe('check of mandatory fields (RFC 3261 §8.1.1)', () => {
  it.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('MUST find a missing %s', (name) => {
    expect(failure(checkRequest(without(requestWith(), { name })))).toMatchObject({ status: 400 });
  });

  it('lets a missing Max-Forwards pass (§16.3 item 3) but not a malformed one', () => {
    expect(checkRequest(without(requestWith(), field.maxForwards)).ok).toBe(true);
    expect(checkRequest(withRawField(requestWith(), 'Max-Forwards', 'ten')).ok).toBe(false);
    expect(checkRequest(withRawField(requestWith(), 'Max-Forwards', '256')).ok).toBe(false);
  });
});
