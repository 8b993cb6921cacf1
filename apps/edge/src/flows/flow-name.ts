import type { Endpoint, Flow } from '@parley/sip-stack';

const udpPrefix = 'udp:';

/**
 * Name under which bindings, dialogs and tokens keep a flow. Over UDP it is the peer's address, so that it outlives the
 * memory of this process; over a connection it is the flow's own id, which ends with it.
 */
export function flowNameOf(flow: Flow): string {
  return flow.protocol === 'UDP' ? udpFlowName(flow.remote) : flow.id;
}

/** {@link flowNameOf} of the flow over UDP to an address. */
export function udpFlowName({ address, port }: Endpoint): string {
  return `${udpPrefix}${address}:${port}`;
}

/** The peer of a flow over UDP; undefined for the name of a connection. */
export function udpPeerOf(name: string): Endpoint | undefined {
  if (!name.startsWith(udpPrefix)) return undefined;
  const colon = name.lastIndexOf(':');
  return { address: name.slice(udpPrefix.length, colon), port: Number(name.slice(colon + 1)) };
}
