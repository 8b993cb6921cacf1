import { field, read, serialiseUri } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Reach } from './participant.ts';

/** A SIP request to a room, as an edge vouches for it. */
export interface Invitation {
  readonly commandId: string;
  readonly request: SipRequest;
  /** Authenticated address-of-record; empty when not authenticated. */
  readonly identity: string;
  readonly reach: Reach;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
}

/** How a participant appears. */
export interface Appearance {
  /** What the others see. */
  readonly uri: string;
  readonly displayName: string;
  /** What it may put into CPIM From. */
  readonly uris: readonly string[];
}

/**
 * Who the others see: the address-of-record, unless From is an anonymous URI of the chat domain, which the edge has
 * checked to belong to the account; then that alone.
 *
 * @spec RFC 7701 §5.2 (anonymous URI), RFC 5627 §3.2 (gr)
 */
export function appearanceOf({ request, identity }: Invitation, chatDomain: string): Appearance {
  const from = read(request, field.from);
  const party = from.ok ? from.value : undefined;
  const displayName = party?.displayName ?? '';
  const uri = party?.uri;
  if (uri?.kind !== 'sip') return { uri: identity, displayName, uris: [identity] };
  const address = serialiseUri({ ...uri, headers: [] });
  const isAnonymous = uri.parameters.has('gr') && uri.host.toLowerCase() === chatDomain.toLowerCase();
  if (isAnonymous) return { uri: address, displayName: '', uris: [address] };
  const im = identity.replace(/^sips?:/, 'im:');
  return { uri: identity, displayName, uris: [...new Set([identity, address, im])] };
}
