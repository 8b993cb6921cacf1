import { isIP } from 'node:net';
import { defaultSipLimits } from '@parley/sip';
import { createPeerGuard, defaultTransportLimits, trustedHosts } from '@parley/sip-stack/node';
import type { PeerGuard, TransportLimits } from '@parley/sip-stack/node';
import type { EdgeSettings } from '../settings.ts';

/** Whether an address is one of the neighbours whose rates and connections are not limited: peers are, by their address. */
export function trustedPeers({ limits, peers }: EdgeSettings): (address: string) => boolean {
  const hosts = peers.map(({ host }) => host).filter((host) => isIP(host) !== 0);
  return trustedHosts([...limits.trustedHosts, ...hosts]);
}

/** What every peer may send and hold, over all transports of this edge. */
export function peerGuard(settings: EdgeSettings, isTrusted: (address: string) => boolean): PeerGuard {
  return createPeerGuard({ limits: settings.limits, isTrusted });
}

/** What one connection may cost. The transports take bodies that are too large for page mode, so that 413 can say so. */
export function transportLimits({ limits, maxSize }: EdgeSettings): TransportLimits {
  return {
    ...defaultTransportLimits,
    sip: {
      headOctets: limits.headOctets,
      fieldCount: limits.headFields,
      bodyOctets: Math.max(defaultSipLimits.bodyOctets, maxSize),
    },
    maxSize,
    unauthenticatedIdle: limits.unauthenticatedIdle * 1000,
    idle: limits.idle * 1000,
    messageTime: limits.messageTime * 1000,
    handshakeTimeout: limits.handshakeTime * 1000,
  };
}
