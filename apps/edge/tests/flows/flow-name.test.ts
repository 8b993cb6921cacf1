import { describe, expect, it } from 'vitest';
import { udpFlowName, udpPeerOf } from '../../src/flows/flow-name.ts';

describe('Name of a flow', () => {
  it.each([
    { address: '192.0.2.1', port: 5060 },
    { address: '2001:db8::1', port: 1 },
  ])('is the peer over UDP: $address', (peer) => {
    expect(udpPeerOf(udpFlowName(peer))).toEqual(peer);
  });

  it('is opaque over a connection', () => {
    expect(udpPeerOf('Zm9vYmFy')).toBeUndefined();
  });
});
