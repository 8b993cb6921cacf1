import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import type { Direction, MediaDescription, SessionDescription } from '../src/index.ts';
import {
  acceptsAnything,
  answerDirection,
  answerTo,
  createOffer,
  directionOf,
  originAt,
  parseSdp,
  sdpText,
  serialiseSdp,
  succeed,
  withDirection,
} from '../src/index.ts';
import { latin1, octets, vector } from './vectors.ts';

const origin = originAt('chat.example.com', '7');
const message: MediaDescription = {
  media: 'message',
  port: 2855,
  proto: 'TCP/MSRP',
  formats: ['*'],
  connections: [],
  bandwidths: [],
  attributes: [{ name: 'path', value: 'msrp://h:2855/a;tcp' }],
};
const offer = (...lines: string[]): SessionDescription =>
  unwrap(parseSdp(octets(`v=0\no=- 1 1 IN IP4 h\ns=-\nt=3724394400 0\n${lines.join('\n')}\n`)));

describe('answers (RFC 3264 §6)', () => {
  it('are those of the basic exchange (§10.1)', () => {
    const offered = unwrap(parseSdp(vector('rfc3264/valid/10.1-offer.sdp')));
    const expected = unwrap(parseSdp(vector('rfc3264/valid/10.1-answer.sdp')));
    const { origin: bob, sessionName, connection } = expected;
    const base = { origin: bob, session: { sessionName, connection: connection! } };
    const answer = answerTo(offered, base, (_, i) =>
      i === 1 ? undefined : { ...offered.media[i]!, port: i === 0 ? 49920 : 53000 },
    );
    expect(latin1(serialiseSdp(answer))).toBe(latin1(vector('rfc3264/valid/10.1-answer.sdp')));
    expect(acceptsAnything(answer)).toBe(true);
  });

  it('MUST have as many streams as the offer, refused ones with port 0', () => {
    const answer = answerTo(
      offer('m=audio 9 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000', 'm=message 9 TCP/MSRP *'),
      { origin },
      (offered) => (offered.media === 'message' ? message : undefined),
    );
    expect(answer.media.map(({ media, port }) => [media, port])).toEqual([
      ['audio', 0],
      ['message', 2855],
    ]);
    expect(answer.media[0]?.attributes).toEqual([]);
    expect(answerTo(offer(), { origin }, () => message).media).toEqual([]);
  });

  it('MUST mark with port 0 what was offered with port 0, unasked (§8.2)', () => {
    const answer = answerTo(offer('m=message 0 TCP/MSRP *'), { origin }, () => message);
    expect(answer.media[0]?.port).toBe(0);
    expect(acceptsAnything(answer)).toBe(false);
  });

  it('MUST have the time, the media types and the transports of the offer', () => {
    const answer = answerTo(offer('m=message 9 TCP/TLS/MSRP *'), { origin }, () => message);
    expect(sdpText(answer)).toContain('t=3724394400 0');
    expect(answer.media[0]?.proto).toBe('TCP/TLS/MSRP');
  });

  it.each<[Direction, Direction, Direction]>([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendrecv', 'recvonly', 'recvonly'],
    ['sendrecv', 'inactive', 'inactive'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['recvonly', 'recvonly', 'inactive'],
    ['inactive', 'sendrecv', 'inactive'],
  ])('to %s by one willing to %s are %s (§6.1)', (offered, willing, direction) => {
    expect(answerDirection(offered, willing)).toBe(direction);
    const answer = answerTo(offer('m=message 9 TCP/MSRP *', `a=${offered}`), { origin }, () =>
      withDirection(message, willing),
    );
    expect(directionOf(answer, answer.media[0]!)).toBe(direction);
  });
});

describe('versions (RFC 3264 §8)', () => {
  const first = createOffer(originAt('h', '41', '99999999999999999999'), [message]);

  it('stay when nothing changes', () => {
    expect(succeed(first, { ...first, origin })).toEqual(first);
  });

  it('go up by one when something does, however many digits they have', () => {
    const next = succeed(first, { ...first, media: [withDirection(message, 'sendonly')] });
    expect(next.origin).toEqual({ ...first.origin, sessVersion: '100000000000000000000' });
  });

  it('keep removed streams in their places with port 0', () => {
    const next = succeed(first, { ...first, media: [] });
    expect(next.media).toEqual([{ ...message, port: 0, attributes: [] }]);
  });

  it('of answers go on from what was sent before', () => {
    const offered = offer('m=message 9 TCP/MSRP *');
    const answer = answerTo(offered, { origin }, () => message);
    const again = answerTo(offered, { origin: originAt('other', '9'), previous: answer }, () => message);
    expect(again).toEqual(answer);
    const moved = answerTo(offered, { origin, previous: answer }, () => ({ ...message, port: 2856 }));
    expect(moved.origin.sessVersion).toBe('8');
  });
});
