import type { Endpoint } from '@parley/sip-stack';
import { describe, expect, it } from 'vitest';
import { HeldObserver } from '../../src/transports/held-observer.ts';

const peer = { address: '192.0.2.1', port: 5060 };

describe('Keep-alives over UDP (RFC 5626 §5.4)', () => {
  it('count whether they are STUN or, as many phones send them, line breaks', () => {
    const heard: Endpoint[] = [];
    const held = new HeldObserver();
    held.hearKeepAlive(peer);
    const observer = { onMessage: () => {}, onClosed: () => {} };
    held.release(observer, { heard: (remote) => heard.push(remote) }, { shedUnread: () => false });
    held.hearKeepAlive(peer);
    held.hearStun(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'), peer);
    expect(heard).toEqual([peer, peer]);
  });
});
