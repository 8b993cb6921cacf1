import type { Flow, FlowObserver, TransportProtocol } from '@parley/sip-stack';
import { createConnector, listenUdp, nodeDigestHash } from '@parley/sip-stack/node';
import type { ConnectorOptions, UdpListener } from '@parley/sip-stack/node';
import type { UserAgentOptions } from '../sip/options.ts';
import { createUserAgent } from '../user-agent.ts';
import type { UserAgent } from '../user-agent.ts';
import { systemClock, systemRandom } from './system.ts';

/** The registrar or outbound proxy of an agent. */
export interface SipServer {
  readonly protocol: TransportProtocol;
  /** IP address. */
  readonly address: string;
  readonly port: number;
  /** Name that its certificate must prove; default the address. */
  readonly serverName?: string;
}

/** What an agent on Node is built from. */
export interface NodeUserAgentOptions extends Partial<Omit<UserAgentOptions, 'aor' | 'openFlow'>> {
  readonly aor: string;
  readonly server: SipServer;
  /** Address of ours for UDP; default 127.0.0.1. */
  readonly localAddress?: string;
  readonly tls?: Pick<ConnectorOptions, 'ca' | 'verify' | 'identity'>;
}

/** A user agent and the sockets under it, which end with it. */
export interface NodeUserAgent extends UserAgent, AsyncDisposable {}

/** Passes on what flows tell to whoever the agent names later. */
class LateObserver implements FlowObserver {
  target: FlowObserver | undefined;

  readonly onMessage: FlowObserver['onMessage'] = (message, flow) => this.target?.onMessage(message, flow);

  readonly onClosed: FlowObserver['onClosed'] = (flow, failure) => this.target?.onClosed(flow, failure);
}

/**
 * Sends and receives over the sockets of this machine. A server that cannot be reached shows when the agent sends.
 *
 * @throws Error of the system when UDP cannot be bound
 */
export async function createNodeUserAgent(options: NodeUserAgentOptions): Promise<NodeUserAgent> {
  const { server, localAddress = '127.0.0.1', tls = {}, ...rest } = options;
  const observer = new LateObserver();
  const udp: UdpListener | undefined =
    server.protocol === 'UDP' ? await listenUdp({ host: localAddress, port: 0 }, { observer }) : undefined;
  const connector = createConnector({ observer, ...tls, ...(udp === undefined ? {} : { udp }) });
  const openFlow = (target: FlowObserver): Flow => {
    observer.target = target;
    return connector.flowTo({ serverName: server.address, ...server });
  };
  // Our Contact and Via name our end of the connection, which is known once it stands.
  await connector.connect({ serverName: server.address, ...server });
  const agent = createUserAgent({
    clock: systemClock,
    random: systemRandom,
    hash: nodeDigestHash,
    ...rest,
    openFlow,
  });
  // From now on requests are heard, before anything is sent.
  agent.core.open();
  return Object.assign(agent, {
    async [Symbol.asyncDispose](): Promise<void> {
      agent[Symbol.dispose]();
      await Promise.all([connector[Symbol.asyncDispose](), udp?.[Symbol.asyncDispose]()]);
    },
  });
}
