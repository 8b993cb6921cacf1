import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { field } from '../src/index.ts';
import type { HeaderDefinition } from '../src/index.ts';
import { parseSipUri } from '../src/uri/parse-sip-uri.ts';
import { plainSipUri } from '../src/uri/plain-sip-uri.ts';

/** Values put together from pieces of usual ones, so that many are plain, and many just not. */
function pieced(...pieces: readonly (readonly string[])[]): fc.Arbitrary<string> {
  const parts = pieces.map((choices) => fc.constantFrom(...choices));
  const odd = fc.constantFrom('', '', '', '', ' ', '\t', ';', ',', '"', '<', '>', '=', ':', '@', '%41', '\u00e9', '/');
  return fc
    .tuple(fc.tuple(...parts), odd, fc.nat(200))
    .map(([texts, extra, at]) => texts.join('').slice(0, at) + extra + texts.join('').slice(at));
}

const hosts = ['a.example', '192.0.2.4', '256.0.0.1', '[2001:db8::1]', '-a.example', 'a_b', 'localhost.', '', '1.2.3'];
const ports = ['', '', ':5060', ':0', ':65535', ':65536', ':005060', ':', ':5060x'];
const users = ['alice', 'a-b.c!~*', '+49170', 'a&b=c$,', 'a%41', 'a;b', 'a?b', 'a:secret', ''];
const parameters = [
  '',
  ';branch=z9hG4bKa',
  ';branch=',
  ';branch=a==',
  ';rport',
  ';rport=',
  ';rport=40000',
  ';rport=70000',
  ';received=192.0.2.4',
  ';received=192.0.2',
  ';received=2001:db8::1',
  ';Branch=z9hG4bKb',
  ';alias',
  ';ttl=1',
  '; rport',
];
const tags = ['', ';tag=a1', ';tag=', ';tag="a"', ';TAG=a', ';tag=a;x=y', ' ;tag=a', ';tag=a '];

function agrees<T>(definition: HeaderDefinition<T>, text: string): void {
  const before = ' :';
  const inHead = `${before}${text}\r\nNext: <sip:x@y>;tag=z, 1`;
  const plain = definition.parsePlain?.(inHead, before.length, before.length + text.length);
  if (plain === undefined) return;
  expect(definition.parse(text)).toEqual({ ok: true, value: plain });
}

describe('values in their plain form', () => {
  it('a Via is what the grammar makes of it (RFC 3261 §20.42)', () => {
    const vias = pieced(
      ['', ' '],
      ['SIP/2.0/', 'SIP / 2.0 / ', 'sip/2.0/', 'SIP/3.0/'],
      ['UDP', 'TCP', ''],
      [' ', '  '],
      hosts,
      ports,
      parameters,
      parameters,
      parameters,
    );
    fc.assert(
      fc.property(vias, (text) => {
        agrees(field.via, text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('From and To are what the grammar makes of them (RFC 3261 §20.20, §20.39)', () => {
    const schemes = ['<sip:', 'sip:', '<sips:', '"Alice" <sip:', 'Alice <sip:', '<tel:'];
    const parties = pieced(['', ' '], schemes, users, ['@'], hosts, ports, ['', ';lr', '?a=b'], ['>', ''], tags);
    fc.assert(
      fc.property(parties, (text) => {
        agrees(field.from, text);
        agrees(field.to, text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('CSeq, Call-ID, Max-Forwards and Content-Type are what the grammar makes of them (RFC 3261 §25.1)', () => {
    const numbers = ['0', '70', '255', '256', '0070', '314159', '2147483647', '2147483648', ''];
    const values = pieced(
      ['', ' ', '\t'],
      [...numbers, 'a84b4c76e66710', 'text', '<a"b>'],
      ['', ' ', '  ', '@', '@@', '/', ' / '],
      ['', 'MESSAGE', 'plain', 'Host.Example', '192.0.2.4', 'a(b)'],
      ['', '', ' ', ';charset=utf-8', '@a'],
    );
    fc.assert(
      fc.property(values, (text) => {
        agrees(field.cSeq, text);
        agrees(field.callId, text);
        agrees(field.maxForwards, text);
        agrees(field.contentType, text);
      }),
      { numRuns: 4_000 },
    );
  });

  it('credentials are what the grammar makes of them (RFC 3261 §20.7, RFC 7616 §3.4)', () => {
    const required = 'username="u1",realm="a.example", nonce="n.1", uri="sip:a.example"';
    const some = [
      '',
      ',qop=auth',
      ', qop="auth",nc=0000000A',
      ',nc=0000000',
      ',cnonce=""',
      ', cnonce="a\\"b"',
      ',algorithm=MD5',
      ',Algorithm=SHA-256',
      ',opaque="\u00c3\u00a9"',
      ',opaque=',
      ',auth-param=x',
      ' , opaque = "o"',
      ',',
      ',realm="b"',
    ];
    const proofs = pieced(
      ['', ' '],
      ['Digest ', 'Digest  ', 'digest ', 'Digest', 'Bearer '],
      [required, required, required.slice(14)],
      [',response="0aF"', ', response=0af', ',response="x"', ',response=""', ''],
      some,
      some,
      some,
      ['', ' ', '"'],
    );
    fc.assert(
      fc.property(proofs, (text) => {
        agrees(field.authorization, text);
        agrees(field.proxyAuthorization, text);
      }),
      { numRuns: 4_000 },
    );
  });

  it('credentials as clients write them are plain', () => {
    const text =
      'Digest username="alice", realm="a.example",nonce="k.i-1.1.a.0f",uri="sip:bob@a.example",response="0af1",algorithm=MD5,qop=auth,cnonce="a0",nc=00000001';
    expect(field.proxyAuthorization.parsePlain?.(` ${text}\r\n`, 0, text.length + 1)).toMatchObject({
      username: 'alice',
      response: '0af1',
      nc: '00000001',
    });
  });

  it('a SIP URI is what the grammar makes of it (RFC 3261 §25.1)', () => {
    const uris = pieced(['sip:'], users, ['@', ''], hosts, ports, ['', ';lr', '?a=b']);
    fc.assert(
      fc.property(uris, (text) => {
        const plain = plainSipUri(text, 0, text.length);
        if (plain !== undefined) expect(parseSipUri('sip', text.slice(4))).toEqual({ ok: true, value: plain });
      }),
      { numRuns: 2_000 },
    );
  });

  it('are read as what they usually are', () => {
    const plainly = <T>(definition: HeaderDefinition<T>, text: string): T | undefined =>
      definition.parsePlain?.(text, 0, text.length);
    expect(plainly(field.via, 'SIP/2.0/TCP 192.0.2.4:5060;rport;branch=z9hG4bKa')).toMatchObject({ rport: true });
    expect(plainly(field.from, '<sip:alice@a.example>;tag=a1')).toMatchObject({ tag: 'a1' });
    expect(plainly(field.cSeq, ' 1 MESSAGE')).toEqual({ sequence: 1, method: 'MESSAGE' });
    expect(plainly(field.callId, ' a84b4c76e66710@pc33.example')).toBe('a84b4c76e66710@pc33.example');
    expect(plainly(field.maxForwards, ' 70')).toBe(70);
    expect(plainly(field.contentType, ' Text/plain')).toMatchObject({ mediaType: 'text/plain' });
    expect(plainSipUri('sip:alice@a.example:5070', 0, 24)).toMatchObject({ user: 'alice', port: 5070 });
  });
});
