import { field, read, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Flow } from '../flow.ts';
import type { TransactionLayerOptions } from './layer-options.ts';
import { responseTarget } from './response-target.ts';

/**
 * The flow that the responses to a request take: that of the request over connections and with rport; else the one to
 * the port that the Via names, which need not be the source port.
 *
 * @spec RFC 3261 §18.2.2, RFC 3581 §4
 */
export function responseFlow(request: SipRequest, flow: Flow, flowTo: TransactionLayerOptions['flowTo']): Flow {
  if (flow.reliable || flowTo === undefined) return flow;
  if (readRaw(request, field.via)?.includes(';rport=') === true) return flow;
  const via = read(request, field.via);
  if (!via.ok || via.value === undefined) return flow;
  const target = responseTarget(via.value);
  const same = target.host === flow.remote.address && target.port === flow.remote.port;
  return same ? flow : (flowTo(target, flow) ?? flow);
}
