import { parseUri } from '@parley/sip';
import type { SipUri, Uri } from '@parley/sip';
import { field } from '@parley/sip';
import type { TargetUri } from '@parley/sip-stack';
import type { Binding } from '../registrar/binding.ts';

/** How a request gets to a binding. */
export type Way =
  /** Over a flow of this edge. */
  | { readonly kind: 'flow'; readonly flow: string }
  /** By the edge that the device registered through. */
  | { readonly kind: 'edge'; readonly instance: string; readonly flow: string }
  /** To where a URI says. @spec RFC 3263 §4 */
  | { readonly kind: 'uri'; readonly uri: TargetUri };

/** The way to a binding; undefined for a contact that SIP does not reach. */
export function wayTo(binding: Binding, ownInstance: string): Way | undefined {
  const { path, flow, edgeInstance, contact } = binding;
  const [first] = path;
  if (first !== undefined) return wayByPath(first);
  if (flow === '') return wayByUri(contact.uri);
  return edgeInstance === ownInstance ? { kind: 'flow', flow } : { kind: 'edge', instance: edgeInstance, flow };
}

function wayByPath(path: string): Way | undefined {
  const route = field.route.parse(path);
  return route.ok ? wayByUri(route.value.uri) : undefined;
}

/** The way that a URI names; undefined when it is not a SIP URI. */
export function wayByUri(uri: Uri): Way | undefined {
  return uri.kind === 'sip' ? { kind: 'uri', uri: targetUriOf(uri) } : undefined;
}

/** {@link wayByUri} of a URI in text. */
export function wayByText(text: string): Way | undefined {
  const uri = parseUri(text);
  return uri.ok ? wayByUri(uri.value) : undefined;
}

function targetUriOf({ scheme, host, port, parameters }: SipUri): TargetUri {
  return {
    secure: scheme === 'sips',
    host: parameters.get('maddr') ?? host,
    port,
    transport: parameters.get('transport'),
  };
}
