import type { ContactAddress } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { numericHost } from '@parley/sip-stack';
import { flowNameOf, udpFlowName } from '../flows/flow-name.ts';
import type { BindingRoute } from './binding.ts';

const defaultSipPort = 5060;

/**
 * The way to a contact that registers over a flow. Over a connection it is that connection, since nobody may listen at
 * the contact's address. Over UDP it is the contact's own address where the REGISTER came from that host, else the
 * source, which is where the NAT listens; for a contact with reg-id always the source.
 *
 * @spec RFC 5626 §5.3, RFC 3581 §4
 */
export function routeOf(contact: ContactAddress, flow: Flow, edgeInstance: string): BindingRoute {
  if (flow.protocol !== 'UDP') return { edgeInstance, flow: flowNameOf(flow), transport: flow.protocol };
  const { uri } = contact;
  const isFlow = contact.instance !== undefined && contact.regId !== undefined;
  if (uri.kind !== 'sip' || isFlow) return { edgeInstance, flow: flowNameOf(flow), transport: 'UDP' };
  const wanted = uri.parameters.get('transport')?.toLowerCase();
  if (wanted === 'tcp' || wanted === 'tls') {
    return { edgeInstance, flow: '', transport: wanted === 'tcp' ? 'TCP' : 'TLS' };
  }
  const { address } = flow.remote;
  const isThere = (numericHost(uri.host) ?? literalOfLocalhost(uri.host, address)) === address;
  const name = isThere ? udpFlowName({ address, port: uri.port ?? defaultSipPort }) : flowNameOf(flow);
  return { edgeInstance, flow: name, transport: 'UDP' };
}

function literalOfLocalhost(host: string, source: string): string | undefined {
  return host.toLowerCase() === 'localhost' && (source.startsWith('127.') || source === '::1') ? source : undefined;
}
