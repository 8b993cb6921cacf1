import { mediaEssence, parseMediaRange } from '@parley/mime';
import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MsrpMedia, SessionDescription } from '../src/index.ts';
import {
  allowsNicknames,
  allowsPrivateMessages,
  answerSetup,
  attributeValues,
  createOffer,
  isMsrpMedia,
  msrpMediaDescription,
  originAt,
  parseMsrpMedia,
  parseSdp,
  readChatroom,
  readFingerprint,
  readSetup,
  serialiseSdp,
  withAttribute,
} from '../src/index.ts';
import { octets, vector } from './vectors.ts';

function read(description: SessionDescription, index = 0) {
  return parseMsrpMedia(description, description.media[index]!);
}

const head = 'v=0\no=- 1 1 IN IP4 h\ns=-\nt=0 0\n';
const good = ['m=message 2855 TCP/MSRP *', 'a=accept-types:*', 'a=path:msrp://h:2855/a;tcp'];
const session = (lines: readonly string[], before: readonly string[] = []) =>
  unwrap(parseSdp(octets(`${head}${[...before, ...lines].join('\n')}\n`)));

describe('MSRP streams (RFC 4975 §8)', () => {
  it('say path and types (§8.7)', () => {
    const msrp = unwrap(read(unwrap(parseSdp(vector('rfc4975/valid/8.7-offer.sdp')))));
    expect(msrp).toMatchObject({
      proto: 'TCP/MSRP',
      port: 7394,
      path: ['msrp://alice.example.com:7394/2s93i93idj;tcp'],
      acceptWrappedTypes: [],
      direction: 'sendrecv',
      fingerprints: [],
      others: [],
    });
    expect(msrp.acceptTypes.map(mediaEssence)).toEqual(['message/cpim', 'text/plain', 'text/html']);
    expect(msrp).not.toHaveProperty('chatroom');
    expect(msrp).not.toHaveProperty('setup');
  });

  it('of clients are read, with a space in front of a path and without a=setup', () => {
    const browser = unwrap(read(unwrap(parseSdp(vector('clients/valid/browser-offer.sdp')))));
    expect(browser.path).toEqual(['msrp://k3v09xq2.invalid:2855/p8c41t0zzq;ws']);
    expect(browser).not.toHaveProperty('setup');
    const node = unwrap(read(unwrap(parseSdp(vector('clients/valid/node-offer.sdp')))));
    expect(node).toMatchObject({ setup: 'active', path: ['msrp://192.0.2.7:51234/p8c41t0zzq;tcp'] });
  });

  it('say what the chat room allows (RFC 7701 §8)', () => {
    const msrp = unwrap(read(unwrap(parseSdp(vector('rfc7701/valid/9.1-answer.sdp')))));
    expect(msrp.chatroom).toEqual(['nickname', 'private-messages']);
    expect(msrp.acceptWrappedTypes.map(mediaEssence)).toEqual(['text/plain', 'text/html', '*/*']);
  });

  it('take setup, connection, fingerprint and direction of the session where they have none', () => {
    const before = ['a=setup:actpass', 'a=connection:new', 'a=fingerprint:SHA-1 4a:ad', 'a=sendonly'];
    expect(unwrap(read(session(good, before)))).toMatchObject({
      setup: 'actpass',
      connection: 'new',
      fingerprints: [{ hashFunction: 'sha-1', fingerprint: '4A:AD' }],
      direction: 'sendonly',
    });
    const own = [...good, 'a=setup:passive', 'a=fingerprint:sha-256 00', 'a=sendrecv'];
    expect(unwrap(read(session(own, before)))).toMatchObject({
      setup: 'passive',
      fingerprints: [{ hashFunction: 'sha-256', fingerprint: '00' }],
      direction: 'sendrecv',
    });
  });

  it('MUST have holdconn ignored (RFC 6135 §4.2.1), and a malformed max-size', () => {
    const msrp = unwrap(read(session([...good, 'a=setup:holdconn', 'a=max-size:many'])));
    expect(msrp).not.toHaveProperty('setup');
    expect(msrp).not.toHaveProperty('maxSize');
    expect(unwrap(read(session([...good, 'a=max-size:10485760']))).maxSize).toBe(10_485_760);
  });

  it('keep what is not about MSRP itself, file-selector included', () => {
    const selector = 'name:"My cool picture.jpg" type:image/jpeg size:32349';
    const msrp = unwrap(read(session([...good, `a=file-selector:${selector}`, 'a=msrp-cema'])));
    expect(msrp.others).toEqual([{ name: 'file-selector', value: selector }, { name: 'msrp-cema' }]);
  });

  it.each([
    [['m=audio 9 RTP/AVP 0'], 'media-field'],
    [['m=message 9 TCP/MSRP *'], 'path'],
    [[good[0]!, 'a=path:http://h'], 'path'],
    [[good[0]!, good[2]!], 'accept-types'],
    [[good[0]!, good[2]!, 'a=accept-types:text'], 'content'],
    [[...good, 'a=accept-wrapped-types:/x'], 'type'],
    [[...good, 'a=fingerprint:sha-1 xyz'], 'fingerprint-attribute'],
    [[...good, 'a=chatroom:nickname nickname'], 'chatroom-attr'],
    [[...good, 'a=chatroom:a/b'], 'chatroom-attr'],
  ])('are refused: %j', (lines, rule) => {
    expect(read(session(lines))).toMatchObject({ ok: false, error: { rule } });
  });

  it('are told from other streams', () => {
    const { media } = session([...good, 'm=audio 9 RTP/AVP 0', 'm=message 9 TCP/TLS/MSRP *', 'm=message 9 SIP *']);
    expect(media.map(isMsrpMedia)).toEqual([true, false, true, false]);
  });

  it('are read back as they were written', () => {
    const range = fc
      .constantFrom('*', 'text/*', 'text/plain', 'message/cpim', 'text/plain;x="a b"')
      .map((text) => unwrap(parseMediaRange(text)));
    const msrpMedia: fc.Arbitrary<MsrpMedia> = fc.record(
      {
        proto: fc.constantFrom('TCP/MSRP' as const, 'TCP/TLS/MSRP' as const),
        port: fc.nat(65_535),
        path: fc.array(fc.constantFrom('msrp://h:1/a;tcp', 'msrps://[::1]:2/b;ws'), { minLength: 1, maxLength: 3 }),
        acceptTypes: fc.array(range, { minLength: 1, maxLength: 3 }),
        acceptWrappedTypes: fc.array(range, { maxLength: 3 }),
        maxSize: fc.nat(),
        setup: fc.constantFrom('active' as const, 'passive' as const, 'actpass' as const),
        connection: fc.constantFrom('new' as const, 'existing' as const),
        fingerprints: fc.array(fc.constant({ hashFunction: 'sha-256', fingerprint: 'AB:00' }), { maxLength: 2 }),
        chatroom: fc.constantFrom([], ['nickname'], ['nicknames', 'private-messages', 'com.example.chat.foo']),
        direction: fc.constantFrom('sendrecv' as const, 'sendonly' as const, 'recvonly' as const, 'inactive' as const),
        others: fc.array(fc.constantFrom({ name: 'msrp-cema' }, { name: 'file-selector', value: 'size:1' })),
      },
      {
        requiredKeys: [
          'proto',
          'port',
          'path',
          'acceptTypes',
          'acceptWrappedTypes',
          'fingerprints',
          'direction',
          'others',
        ],
      },
    );
    fc.assert(
      fc.property(msrpMedia, (value) => {
        const offer = createOffer(originAt('::1', '1'), [msrpMediaDescription(value)]);
        expect(unwrap(read(unwrap(parseSdp(serialiseSdp(offer)))))).toEqual(value);
      }),
    );
  });
});

describe('a=chatroom (RFC 7701 §8)', () => {
  it('may have no tokens', () => {
    expect(readChatroom('')).toEqual([]);
    expect(unwrap(read(session([...good, 'a=chatroom']))).chatroom).toEqual([]);
  });

  it('spells nicknames in two ways', () => {
    expect(allowsNicknames(['nickname'])).toBe(true);
    expect(allowsNicknames(['nicknames'])).toBe(true);
    expect(allowsNicknames(['private-messages'])).toBe(false);
    expect(allowsPrivateMessages(['private-messages'])).toBe(true);
    expect(allowsPrivateMessages([])).toBe(false);
  });
});

describe('a=setup (RFC 4145 §4.1)', () => {
  it.each([
    ['active', 'passive'],
    ['passive', 'active'],
    ['actpass', 'passive'],
    ['holdconn', 'passive'],
    [undefined, 'passive'],
  ])('offered %s is answered %s', (offered, answer) => {
    expect(answerSetup(readSetup(offered))).toBe(answer);
  });
});

describe('a=fingerprint (RFC 8122 §5)', () => {
  it.each(['', 'sha-1', 'sha-1 ', 'sha-1 4', 'sha-1 4A:', 'sha-1  4A'])('refuses %j', (value) => {
    expect(readFingerprint(value)).toBeUndefined();
  });
});

describe('attributes', () => {
  it('are replaced by one', () => {
    const media = session(['m=message 9 TCP/MSRP *', 'a=x:1', 'a=y', 'a=x:2']).media[0]!;
    expect(attributeValues(media, 'x')).toEqual(['1', '2']);
    expect(withAttribute(media, 'x', '3').attributes).toEqual([{ name: 'y' }, { name: 'x', value: '3' }]);
    expect(withAttribute(media, 'x').attributes).toEqual([{ name: 'y' }, { name: 'x' }]);
  });
});
