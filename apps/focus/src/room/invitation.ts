import { equalHosts, field, parseUri, read, serialiseUri, unescapeUri } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { StreamTransport } from '../media/offer.ts';
import type { Reach } from './participant.ts';

/** A SIP request to a room, as an edge vouches for it. */
export interface Invitation {
  readonly commandId: string;
  readonly request: SipRequest;
  /** Authenticated address-of-record; empty when not authenticated. */
  readonly identity: string;
  /** Temporary GRUU of the identity that it wants to be known by alone; empty: none. */
  readonly alias: string;
  readonly reach: Reach;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
  /** How a device on such a connection would connect its media, where it is us who offer. */
  readonly transport: StreamTransport;
  /** Whether the conference factory makes the room for it. @spec RFC 4579 §3.2 */
  readonly byFactory: boolean;
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
 * Who the others see: the address-of-record, unless the participant is to be known by an anonymous URI alone: the
 * temporary GRUU that it uses, or where it only asks for privacy one that stands for nobody.
 *
 * @param participant - its id, unique in the room
 * @spec RFC 7701 §5.2 (anonymous URI), RFC 5627 §3.2 (gr), RFC 3323 §4.2, RFC 3325 §9.3 (Privacy: id)
 */
export function appearanceOf(
  { request, identity, alias }: Invitation,
  chatDomain: string,
  participant: string,
): Appearance {
  const from = read(request, field.from);
  const party = from.ok ? from.value : undefined;
  const uri = party?.uri;
  const address = uri?.kind === 'sip' ? serialiseUri({ ...uri, headers: [] }) : '';
  const isGruu = uri?.kind === 'sip' && uri.parameters.has('gr') && equalHosts(uri.host, chatDomain);
  if (alias !== '') return hidden(alias);
  if (isGruu) return hidden(address);
  if (wantsPrivacy(request)) return hidden(`sip:anonymous-${participant}@anonymous.invalid`);
  const im = identity.replace(/^sips?:/, 'im:');
  const uris = [...new Set([identity, address, im])].filter((one) => one !== '');
  return { uri: identity, displayName: party?.displayName ?? '', uris };
}

/** The password of a room as it stands in the URI that was called; empty where there is none. */
export function passwordIn({ requestUri }: SipRequest): string {
  const uri = parseUri(requestUri);
  return uri.ok && uri.value.kind === 'sip' ? unescapeUri(uri.value.password ?? '') : '';
}

function hidden(uri: string): Appearance {
  return { uri, displayName: '', uris: [uri] };
}

/** What cannot be read is taken for a wish, as a proxy does that fails towards privacy. */
function wantsPrivacy(request: SipRequest): boolean {
  const privacy = read(request, field.privacy);
  if (!privacy.ok) return true;
  const wishes = (privacy.value ?? []).map((wish) => wish.toLowerCase());
  return wishes.some((wish) => wish === 'id' || wish === 'user') && !wishes.includes('none');
}
