import type { RawField, SipUri, Uri } from '@parley/sip';
import { canonicalHost, encodeText, equalUris, serialiseUri, unescapeUri } from '@parley/sip';

/** An entry's URI as a message can be sent to it. */
export interface ListAddress {
  /** Without the parts that a Request-URI cannot have. */
  readonly uri: Uri;
  /** {@link uri} in text. */
  readonly text: string;
  /** Header fields that the URI asks for. @spec RFC 5365 §6, RFC 3261 §19.1.5 */
  readonly fields: readonly RawField[];
}

/** Header fields that an entry may ask for: how its message is to be treated, never whose it is or which way it goes. */
const allowed: ReadonlyMap<string, string> = new Map(
  ['Accept-Contact', 'Reject-Contact', 'Request-Disposition', 'Priority', 'Subject', 'Expires', 'In-Reply-To'].map(
    (name) => [name.toLowerCase(), name],
  ),
);

/** What an entry asks for; a method is ignored, since only MESSAGE is sent. @spec RFC 5365 §7.3 */
export function listAddress(uri: Uri): ListAddress {
  const isBare = uri.kind !== 'sip' || (uri.headers.length === 0 && !uri.parameters.has('method'));
  if (isBare) return { uri, text: serialiseUri(uri), fields: [] };
  const parameters = new Map([...uri.parameters].filter(([name]) => name !== 'method'));
  const bare: SipUri = { ...uri, parameters, headers: [] };
  return { uri: bare, text: serialiseUri(bare), fields: uri.headers.flatMap(fieldOf) };
}

function fieldOf([name, value]: readonly [string, string]): readonly RawField[] {
  const known = allowed.get(name.toLowerCase());
  const text = encodeText(unescapeUri(value));
  return known === undefined || /[\0-\x1f\x7f]/.test(text) ? [] : [[known, text]];
}

/** Comparisons for one URI; a hostile list could hold thousands that differ in nothing but a parameter. */
const mostCompared = 4;

/** Tells URIs apart by the comparison rules of their scheme. @spec RFC 3261 §19.1.4, RFC 5363 §4.1 */
export class UriIdentities {
  private readonly alike = new Map<string, Uri[]>();

  /** The same text for URIs that are equal to one another. @param text - the URI */
  identityOf(uri: Uri, text: string): string {
    const key = keyOf(uri);
    const others = this.alike.get(key) ?? [];
    this.alike.set(key, others);
    const at = others.slice(0, mostCompared).findIndex((other) => equalUris(other, uri));
    if (at !== -1) return `${key} ${at}`;
    others.push(uri);
    return `${key} ${others.length <= mostCompared ? others.length - 1 : text}`;
  }
}

function keyOf(uri: Uri): string {
  switch (uri.kind) {
    case 'sip':
      return `${uri.scheme}:${unescapeUri(uri.user ?? '')}@${canonicalHost(uri.host)}:${uri.port ?? ''}`;
    case 'im':
      return `${uri.scheme}:${unescapeUri(uri.user)}@${canonicalHost(uri.host)}`;
    case 'tel':
      return `tel:${uri.number.replace(/[-.()]/g, '')}`;
    case 'absolute':
      return `${uri.scheme}:${uri.rest}`;
  }
}
