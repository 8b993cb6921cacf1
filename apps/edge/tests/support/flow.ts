import type { Flow } from '@parley/sip-stack';

let serial = 0;

/** A flow from an address, over which nothing goes. */
export function flowFrom(address: string, port = 5060): Flow {
  return {
    id: `flow-${++serial}`,
    protocol: 'TCP',
    reliable: true,
    local: { address: '192.0.2.254', port: 5060 },
    remote: { address, port },
    peerNames: [],
    open: true,
    send: () => {},
    close: () => {},
  };
}
