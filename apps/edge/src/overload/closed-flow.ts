import type { Flow, Hop } from '@parley/sip-stack';

/** A flow to a hop that takes nothing now: whoever sends over it goes on to the next hop. */
export function closedFlow({ protocol, address, port }: Hop): Flow {
  return {
    id: '',
    protocol,
    reliable: protocol !== 'UDP',
    local: { address: '', port: 0 },
    remote: { address, port },
    peerNames: [],
    open: false,
    send() {},
    close() {},
  };
}
