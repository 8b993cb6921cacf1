import fc from 'fast-check';
import { portableCodec } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { answerAtGlance, createResponseTo, field, glanceAt, read, readAll, readRaw, readRawAll } from '../src/index.ts';
import { message, request, vector, vectorsIn } from './support.ts';

const usual =
  'MESSAGE sip:bob@b.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa\r\nMax-Forwards: 70\r\n' +
  'From: <sip:alice@a.example>;tag=1\r\nTo: <sip:bob@b.example>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n';

/** Usual and not so usual requests, their lines in any order. */
const heads = fc
  .tuple(
    fc.constantFrom('MESSAGE sip:b@b.example', 'OPTIONS urn:service:sos', 'REGISTER sips:b.example'),
    fc.constantFrom(
      'Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa',
      'v: SIP/2.0/TCP a.example;branch=z9hG4bKb;received=192.0.2.9',
      'Via: SIP/2.0/UDP a.example;branch=z9hG4bKc;oc, SIP/2.0/UDP b.example',
      'Via: SIP/2.0/UDP b.example\r\n ;branch=z9hG4bKd',
    ),
    fc.constantFrom('From: <sip:alice@a.example>;tag=1', 'f: "A; tag=2" <sip:a@a.example>'),
    fc.constantFrom('To: <sip:b@b.example>', 'TO: <sip:b@b.example>;tag=7', 't: <sip:b@b.example>\r\n\t;tag=8'),
    fc.constantFrom('Call-ID: c', 'i: 1@a', 'call-id : 2'),
    fc.subarray([
      'CSeq: 1 MESSAGE',
      'Max-Forwards: 70',
      'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKz',
      'Subject: a\nb',
      'Priority: emergency',
      'resource-priority: esnet.0',
      'X-Own: 1',
      'Content-Type: text/plain',
    ]),
  )
  .chain(([start, via, from, to, callId, others]) =>
    fc
      .shuffledSubarray([via, from, to, callId, ...others], { minLength: 4 + others.length })
      .map((lines) => [`${start} SIP/2.0`, ...lines, '', ''].join('\r\n')),
  );

describe('a request at a glance', () => {
  it('shows what reading it would show, or nothing', () => {
    let seen = 0;
    const agrees = (head: string): void => {
      const glance = glanceAt(head);
      if (glance === undefined) return;
      seen++;
      const whole = request(head.replace('a\nb', 'ab'));
      const [via, to] = [read(whole, field.via), read(whole, field.to)];
      expect(via).toEqual({ ok: true, value: glance.via });
      expect(glance.method).toBe(whole.method);
      expect(glance.isDirect).toBe(readRawAll(whole, 'Via').length === 1);
      expect(glance.isInDialog).toBe(to.ok && to.value?.tag !== undefined);
      const prioritised = readRaw(whole, 'Priority') ?? readRaw(whole, 'Resource-Priority');
      expect(glance.isPrioritised).toBe(prioritised !== undefined);
    };
    agrees(usual);
    fc.assert(fc.property(heads, agrees), { numRuns: 2_000 });
    expect(seen).toBeGreaterThan(100);
  });

  it('is taken of a usual request', () => {
    expect(glanceAt(usual)).toMatchObject({
      method: 'MESSAGE',
      isDirect: true,
      isInDialog: false,
      isPrioritised: false,
    });
  });

  it('is not taken of responses, of other schemes, nor of what is broken or odd', () => {
    for (const odd of [
      usual.replace('MESSAGE sip:bob@b.example SIP/2.0', 'SIP/2.0 200 OK'),
      usual.replace('MESSAGE sip:', 'MESSAGE urn:'),
      usual.slice(0, -2),
      usual.replace('Call-ID: c\r\n', ''),
      usual.replace('Call-ID: c\r\n', 'Call-ID: c\r\nCall-ID: c\r\n'),
      usual.replace('tag=1', 'tag=1\nX: y'),
      usual.replace(';rport', ' ;rport'),
      '',
      '\r\n',
    ])
      expect(glanceAt(odd)).toBeUndefined();
  });

  it('never throws, whatever comes (RFC 4475)', () => {
    for (const name of [...vectorsIn('rfc4475/valid'), ...vectorsIn('rfc4475/invalid')]) {
      const bytes = vector(name);
      glanceAt(portableCodec.decodeLatin1(bytes, 0, bytes.length));
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        glanceAt(text);
      }),
    );
  });
});

describe('an answer at a glance', () => {
  it('is the response that reading the request would give (RFC 3261 §8.2.6)', () => {
    const agrees = (head: string): void => {
      const glance = glanceAt(head);
      if (glance === undefined) return;
      const answer = message(answerAtGlance(glance, 503, glance.via, 'x', 'Retry-After: 3\r\n'));
      const fields = [['Retry-After', '3']] as const;
      const expected = createResponseTo(request(head.replace('a\nb', 'ab')), 503, undefined, { toTag: 'x', fields });
      for (const name of ['From', 'To', 'Call-ID', 'CSeq', 'Retry-After'])
        expect(readRawAll(answer, name)).toEqual(readRawAll(expected, name));
      expect(readAll(answer, field.via)).toEqual(readAll(expected, field.via));
      expect(readRawAll(answer, 'Content-Length')).toEqual(['0']);
    };
    agrees(usual);
    fc.assert(fc.property(heads, agrees), { numRuns: 1_000 });
  });
});
