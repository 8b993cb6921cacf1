import type { Uri } from '@parley/sip';
import type { Way } from '../routing/way.ts';
import { wayByUri } from '../routing/way.ts';
import type { Peers } from './peers.ts';

/** The way to another domain, and whether it stays among those that trust each other. */
export interface WayBeyond {
  readonly way: Way;
  /** Whether the next hop belongs to the trust domain. @spec RFC 3325 §3 */
  readonly trusted: boolean;
}

/**
 * The way to a URI of another domain: by the next hop that an operator named, else by RFC 3263.
 *
 * @param isSecure - whether the request may travel by TLS only
 * @returns undefined where no such way exists
 * @spec RFC 3261 §16.6 (7), RFC 5630 §5.3, RFC 5922 §7.2 (the certificate proves the domain, not the host)
 */
export function wayBeyond(uri: Uri, isSecure: boolean, peers: Pick<Peers, 'find'>): WayBeyond | undefined {
  const way = wayByUri(uri);
  if (way?.kind !== 'uri') return undefined;
  const domain = way.uri.host.toLowerCase();
  const peer = way.uri.port === undefined ? peers.find(domain) : undefined;
  if (peer === undefined) {
    return { way: isSecure ? { ...way, uri: { ...way.uri, secure: true } } : way, trusted: false };
  }
  if (isSecure && !peer.target.secure) return undefined;
  return { way: { kind: 'uri', uri: peer.target, serverName: domain }, trusted: true };
}
