import type { SipUri, Uri } from '@parley/sip';
import { field, parseUri } from '@parley/sip';
import type { TargetUri } from '@parley/sip-stack';
import type { Binding } from '../registrar/binding.ts';

/** What a way may say besides where it leads. */
interface Recorded {
  /** Flow token that our Record-Route towards this end holds, empty for none; absent where nothing is recorded. */
  readonly record?: string | undefined;
}

/** How a request gets to a binding. */
export type Way =
  /** Over a flow of this edge. */
  | ({ readonly kind: 'flow'; readonly flow: string } & Recorded)
  /** By the edge that the device registered through. */
  | ({ readonly kind: 'edge'; readonly instance: string; readonly flow: string } & Recorded)
  /** To where a URI says. @spec RFC 3263 §4 */
  | ({
      readonly kind: 'uri';
      readonly uri: TargetUri;
      /** What the certificate of the hop has to prove, where that is not the host of the URI. @spec RFC 5922 §7.2 */
      readonly serverName?: string;
    } & Recorded);

/** The way to a binding; undefined for a contact that SIP does not reach. */
export function wayTo(binding: Binding, ownInstance: string): Way | undefined {
  const { path, flow, edgeInstance, contact } = binding;
  const [first] = path;
  if (first !== undefined) return wayByPath(first);
  if (flow === '') return wayByUri(contact.uri);
  return wayByFlow(edgeInstance, flow, ownInstance);
}

/** The way over a flow, wherever it is. */
export function wayByFlow(instance: string, flow: string, ownInstance: string): Way {
  return instance === ownInstance ? { kind: 'flow', flow } : { kind: 'edge', instance, flow };
}

function wayByPath(path: string): Way | undefined {
  const route = field.route.parse(path);
  return route.ok ? wayByUri(route.value.uri) : undefined;
}

/** The way that a URI names; undefined when SIP cannot follow it. */
export function wayByUri(uri: Uri): Way | undefined {
  if (uri.kind === 'sip') return { kind: 'uri', uri: targetUriOf(uri) };
  if (uri.kind !== 'im') return undefined;
  const { host, scheme: service } = uri;
  return { kind: 'uri', uri: { secure: false, host, port: undefined, transport: undefined, service } };
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
