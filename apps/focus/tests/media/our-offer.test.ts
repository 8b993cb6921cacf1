import { decodeUtf8 } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import type { StreamTransport } from '../../src/media/offer.ts';
import { createOurOffer } from '../../src/media/our-description.ts';
import { defaultPolicy } from '../../src/room/policy.ts';

const opened = {
  switchInstance: 'switch-1',
  session: 'abc',
  path: ['msrp://127.0.0.1:2855/abc;tcp'],
  port: 2855,
  address: '127.0.0.1',
};

function offerFor(transport: StreamTransport): string {
  const terms = { policy: defaultPolicy(1000), dialect: 'draft-03', sessionId: '1' } as const;
  return decodeUtf8(createOurOffer(new Map([[0, opened]]), new Map([[0, transport]]), terms));
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
