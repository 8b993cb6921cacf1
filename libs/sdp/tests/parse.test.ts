import { Fault, portableCodec, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionDescription } from '../src/index.ts';
import {
  connectionAddressOf,
  createOffer,
  defaultSdpLimits,
  originAt,
  parseSdp,
  sdpText,
  serialiseSdp,
  typedTimeSeconds,
} from '../src/index.ts';
import { latin1, octets, vector } from './vectors.ts';

const parse = (text: string) => parseSdp(octets(text));
const minimal = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n';

describe('session descriptions (RFC 8866 §5)', () => {
  it.each([
    'rfc8866/valid/5-example.sdp',
    'rfc8866/valid/5.10-repeat-and-zone.sdp',
    'rfc4975/valid/8.7-offer.sdp',
    'rfc4975/valid/8.7-answer.sdp',
    'rfc3264/valid/10.1-offer.sdp',
    'rfc3264/valid/10.1-answer.sdp',
    'rfc3264/valid/10.1-second-offer.sdp',
  ])('are written octet for octet as they were read: %s', (path) => {
    expect(latin1(serialiseSdp(unwrap(parseSdp(vector(path)))))).toBe(latin1(vector(path)));
  });

  it('hold what the example of §5 says', () => {
    expect(unwrap(parseSdp(vector('rfc8866/valid/5-example.sdp')))).toMatchObject({
      origin: { username: 'jdoe', sessId: '3724394400', sessVersion: '3724394405', unicastAddress: '198.51.100.1' },
      sessionName: 'Call to John Smith',
      information: 'SDP Offer #1',
      emails: ['Jane Doe <jane@jdoe.example.com>'],
      phones: ['+1 617 555-6011'],
      connection: { nettype: 'IN', addrtype: 'IP4', connectionAddress: '198.51.100.1' },
      media: [
        { media: 'audio', port: 49170, proto: 'RTP/AVP', formats: ['0'] },
        { media: 'audio', port: 49180 },
        { connections: [{ addrtype: 'IP6' }], attributes: [{ name: 'rtpmap', value: '99 h263-1998/90000' }] },
      ],
    });
  });

  it('hold times, repeats and zones (§5.9 to §5.11)', () => {
    const { times, media } = unwrap(parseSdp(vector('rfc8866/valid/5.10-repeat-and-zone.sdp')));
    expect(times).toHaveLength(2);
    expect(times[0]?.repeats[1]).toEqual({ interval: '7d', duration: '1h', offsets: ['0', '25h'] });
    expect(times[0]?.zones).toEqual([
      { time: '3730928400', offset: '-1h' },
      { time: '3749680800', offset: '0' },
    ]);
    expect(['7d', '1h', '0', '25h', '-1h', '5m', '9s'].map(typedTimeSeconds)).toEqual([
      604_800, 3600, 0, 90_000, -3600, 300, 9,
    ]);
    expect(media[0]?.portCount).toBe(2);
  });

  it.each([
    ['out-of-order', 'session-description', 43],
    ['unknown-type', 'session-description', 43],
    ['zone-without-repeat', 'session-description', 43],
    ['version-1', 'version-field', 0],
    ['port-too-high', 'media-field', 43],
    ['origin-short', 'origin-field', 5],
  ])('are refused when they are %s', (name, rule, offset) => {
    expect(parseSdp(vector(`rfc8866/invalid/${name}.sdp`))).toMatchObject({ ok: false, error: { rule, offset } });
  });

  it.each([
    ['', 'version-field'],
    ['v=0\r\n', 'origin-field'],
    ['v=0\r\no=- 1 1 IN IP4 h\r\n', 'session-name-field'],
    ['no line', 'session-description'],
    [`${minimal}a=\0`, 'session-description'],
    [`${minimal}b=AS\r\n`, 'session-description'],
    [`${minimal}a=bad name:x\r\n`, 'attribute-field'],
    [`${minimal}m=message x TCP/MSRP *\r\n`, 'media-field'],
    [`${minimal}m=message 9/0 TCP/MSRP *\r\n`, 'media-field'],
    [`${minimal}m=message 9/1/1 TCP/MSRP *\r\n`, 'media-field'],
    [`${minimal}m=message 9 TCP/MSRP\r\n`, 'media-field'],
    [`${minimal}m=message 9 TCP//MSRP *\r\n`, 'media-field'],
    [`${minimal}m=message 9 TCP/MSRP *\r\nc=IN IP4\r\n`, 'connection-field'],
    [`${minimal}m=message 9 TCP/MSRP *\r\nb=AS:-1\r\n`, 'bandwidth-field'],
    [`${minimal}r=0 1 2\r\n`, 'repeat-field'],
    [`${minimal}r=7d 1h\r\n`, 'repeat-field'],
    [`${minimal}r=7d 1h 0\r\nz=1 2\r\n`, 'zone-field'],
    [minimal.replace('t=0 0', 't=1 0'), 'time-field'],
    [minimal.replace('- 1 1', '- x 1'), 'origin-field'],
  ])('are refused: %j', (text, rule) => {
    expect(parse(text)).toMatchObject({ ok: false, error: { kind: 'ParseError', rule } });
  });

  it('SHOULD be read when lines end in a bare line feed (§5)', () => {
    expect(parse(minimal.replaceAll('\r', ''))).toEqual(parse(minimal));
    expect(parse(minimal.trimEnd())).toEqual(parse(minimal));
    expect(parse(`${minimal}\r\n`)).toEqual(parse(minimal));
  });

  it('MUST have their k= lines discarded (§5.12)', () => {
    expect(parse(`${minimal}k=clear:secret\r\n`)).toEqual(parse(minimal));
  });

  it('may lack t=, as in RFC 7701 §9.1, and have c= behind it, as in RFC 3264 §9', () => {
    const answer = unwrap(parseSdp(vector('rfc7701/valid/9.1-answer.sdp')));
    expect(answer.times).toEqual([{ startTime: '0', stopTime: '0', repeats: [], zones: [] }]);
    expect(sdpText(answer)).toContain('\r\nt=0 0\r\nm=message 12763');
    expect(unwrap(parseSdp(vector('rfc3264/valid/9-capabilities.sdp'))).connection?.connectionAddress).toBe(
      '192.0.2.4',
    );
  });

  it('may have an empty session name and empty attribute values', () => {
    expect(unwrap(parse(minimal.replace('s=-', 's='))).sessionName).toBe('-');
    expect(unwrap(parse(`${minimal}a=x:\r\n`)).attributes).toEqual([{ name: 'x', value: '' }]);
  });

  it('are refused beyond the limits', () => {
    const limited = (text: string, limits: Partial<typeof defaultSdpLimits>) =>
      parseSdp(octets(text), portableCodec, { ...defaultSdpLimits, ...limits });
    expect(limited(minimal, { maxOctets: 40 })).toMatchObject({
      error: { offset: 40 },
    });
    expect(limited(minimal, { maxLines: 3 })).toMatchObject({ error: { message: 'too many lines' } });
    const media = 'm=message 9 TCP/MSRP *\r\n';
    expect(limited(minimal + media + media, { maxMedia: 1 })).toMatchObject({ error: { rule: 'media-description' } });
    expect(limited(minimal + media, { maxMedia: 1 }).ok).toBe(true);
  });

  it('never make the parser throw', () => {
    const pieces = fc.array(
      fc.constantFrom('v=0', 'o=- 1 1 IN IP4 h', 's=-', 't=0 0', 'm=a 1 b *', 'a=x:', '\r\n', '\n', ' ', 'z='),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof parseSdp(bytes).ok === 'boolean'));
    fc.assert(fc.property(pieces, (all) => typeof parse(all.join('')).ok === 'boolean'));
  });

  it('are not written when a value would smuggle in another line', () => {
    const offer = createOffer(originAt('192.0.2.1', '1'), [], { sessionName: 'x\r\na=evil' });
    expect(() => sdpText(offer)).toThrow(Fault);
  });
});

const word = fc.stringMatching(/^[!-~]{1,8}$/);
const token = fc.stringMatching(/^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,8}$/);
const text = fc.stringMatching(/^[ -~\x80-\xff]{1,12}$/);
const digits = fc.bigInt({ min: 0n, max: 1n << 80n }).map(String);
const connection = fc.record({ nettype: token, addrtype: token, connectionAddress: word });
const bandwidth = fc.record({ bwtype: token, bandwidth: fc.maxSafeNat() });
const attribute = fc.oneof(fc.record({ name: token }), fc.record({ name: token, value: text }));
const time = fc.constantFrom('0', '3724394400', '37243944000');
const typedTime = fc.constantFrom('0', '1d', '25h', '3m', '4s');
const repeats = fc.array(
  fc.record({
    interval: fc.constantFrom('7d', '604800'),
    duration: typedTime,
    offsets: fc.array(typedTime, { minLength: 1 }),
  }),
  { minLength: 1, maxLength: 2 },
);
const zones = fc.array(fc.record({ time: fc.constant('3730928400'), offset: fc.constantFrom('-1h', '0') }), {
  maxLength: 2,
});
const times = fc.oneof(
  fc.record({ startTime: time, stopTime: time, repeats, zones }),
  fc.record({ startTime: time, stopTime: time, repeats: fc.constant([]), zones: fc.constant([]) }),
);
const media = fc.record(
  {
    media: token,
    port: fc.nat(65_535),
    portCount: fc.integer({ min: 1, max: 9 }),
    proto: fc.constantFrom('TCP/MSRP', 'RTP/AVP', 'udp'),
    formats: fc.array(token, { minLength: 1, maxLength: 3 }),
    information: text,
    connections: fc.array(connection, { maxLength: 2 }),
    bandwidths: fc.array(bandwidth, { maxLength: 2 }),
    attributes: fc.array(attribute, { maxLength: 4 }),
  },
  { requiredKeys: ['media', 'port', 'proto', 'formats', 'connections', 'bandwidths', 'attributes'] },
);
const description: fc.Arbitrary<SessionDescription> = fc.record(
  {
    origin: fc.record({
      username: word,
      sessId: digits,
      sessVersion: digits,
      nettype: token,
      addrtype: token,
      unicastAddress: word,
    }),
    sessionName: text,
    information: text,
    uri: word,
    emails: fc.array(text, { maxLength: 2 }),
    phones: fc.array(text, { maxLength: 2 }),
    connection,
    bandwidths: fc.array(bandwidth, { maxLength: 2 }),
    times: fc.array(times, { minLength: 1, maxLength: 2 }),
    attributes: fc.array(attribute, { maxLength: 3 }),
    media: fc.array(media, { maxLength: 3 }),
  },
  { requiredKeys: ['origin', 'sessionName', 'emails', 'phones', 'bandwidths', 'times', 'attributes', 'media'] },
);

describe('any session description', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(description, (value) => {
        expect(unwrap(parseSdp(serialiseSdp(value)))).toEqual(value);
      }),
    );
  });
});

describe('connection addresses (RFC 8866 §5.7)', () => {
  const of = (addrtype: string, connectionAddress: string) =>
    connectionAddressOf({ nettype: 'IN', addrtype, connectionAddress });

  it.each([
    ['IP4', '192.0.2.1', { address: '192.0.2.1', count: 1 }],
    ['IP4', 'host.example.com', { address: 'host.example.com', count: 1 }],
    ['IP4', '233.252.0.1/127', { address: '233.252.0.1', ttl: 127, count: 1 }],
    ['IP4', '233.252.0.1/127/3', { address: '233.252.0.1', ttl: 127, count: 3 }],
    ['IP4', '233.252.0.1', undefined],
    ['IP4', '233.252.0.1/256', undefined],
    ['IP4', '233.252.0.1/127/0', undefined],
    ['IP4', '233.252.0.1/127/3/1', undefined],
    ['IP4', '192.0.2.1/127', undefined],
    ['IP4', '', undefined],
    ['IP6', '2001:db8::1', { address: '2001:db8::1', count: 1 }],
    ['IP6', 'ff00::db8:0:101', { address: 'ff00::db8:0:101', count: 1 }],
    ['IP6', 'FF00::db8:0:101/3', { address: 'FF00::db8:0:101', count: 3 }],
    ['IP6', 'ff00::db8:0:101/127/3', undefined],
    ['ATM', 'a/b/c', { address: 'a/b/c', count: 1 }],
  ])('of type %s: %s', (addrtype, address, expected) => {
    expect(of(addrtype, address)).toEqual(expected);
  });
});
