import { decodeUtf8, encodeUtf8, unwrap } from '@parley/prelude';
import type { MsrpMedia } from '@parley/sdp';
import { describe, expect, it } from 'vitest';
import type { StreamTransport } from '../../src/media/offer.ts';
import { readDescription } from '../../src/media/offer.ts';
import { answerOffer, createOurOffer } from '../../src/media/our-description.ts';
import { defaultPolicy } from '../../src/room/policy.ts';
import { offer } from '../messages.ts';

const opened = {
  switchInstance: 'switch-1',
  session: 'abc',
  path: ['msrp://127.0.0.1:2855/abc;tcp'],
  port: 2855,
  address: '127.0.0.1',
};

const terms = { policy: defaultPolicy(1000), dialect: 'draft-03', sessionId: '1' } as const;
const tcp = { scheme: 'msrp', transport: 'tcp' } as const;

function offerFor(transport: StreamTransport, peer?: MsrpMedia): string {
  return decodeUtf8(createOurOffer(new Map([[0, opened]]), new Map([[0, { transport, peer }]]), terms));
}

describe('Our own offer', () => {
  it.each([
    { scheme: 'msrp', transport: 'tcp' },
    { scheme: 'msrps', transport: 'tcp' },
  ] as const)('MUST use a=setup:actpass ($scheme, RFC 6135 §4.2.1)', (transport) => {
    expect(offerFor(transport)).toContain('a=setup:actpass\r\n');
  });

  it('waits for who comes by WebSocket, whom nobody can connect to', () => {
    expect(offerFor({ scheme: 'msrps', transport: 'ws' })).toContain('a=setup:passive\r\n');
  });
});

describe('That a room takes amendments (docs/specs/replace-message.md §4.4)', () => {
  const saying = (tokens: string) => {
    const sdp = offer().replace(/^a=chatroom:.*$/m, `a=chatroom:${tokens}`);
    return unwrap(readDescription(encodeUtf8(sdp)));
  };
  const [able, unable] = [saying('nickname replace-message'), saying('nickname private-messages')];
  const token = /^a=chatroom:.*\breplace-message\b/m;

  it('is answered to who said that it does, and to nobody else', () => {
    const answerTo = (said: typeof able): string => decodeUtf8(answerOffer(said, new Map([[0, opened]]), terms));
    expect(answerTo(able)).toMatch(token);
    expect(answerTo(unable)).not.toMatch(token);
  });

  it('is offered to who said so before, and to nobody else', () => {
    expect(offerFor(tcp, able.streams[0]?.msrp)).toMatch(token);
    expect(offerFor(tcp, unable.streams[0]?.msrp)).not.toMatch(token);
    expect(offerFor(tcp)).not.toMatch(token);
  });
});
