import { canonicalNumber, normaliseEscapes, parseUri } from '@parley/sip';
import type { SipUri } from '@parley/sip';

/**
 * A text that two URIs share when they name the same participant or room: what CPIM From and To are looked up by. sips and
 * im name the same address as sip; of the parameters only `gr` counts, which makes a GRUU another address than the
 * address-of-record that it belongs to.
 *
 * @spec RFC 3261 §19.1.4, RFC 3860 §3, RFC 3966 §4, RFC 5627 §3
 */
export function participantKey(text: string): string {
  const uri = parseUri(text);
  if (!uri.ok) return text;
  switch (uri.value.kind) {
    case 'sip':
      return sipKey(uri.value);
    case 'im':
      return `${uri.value.scheme === 'im' ? 'sip' : 'pres'}:${normaliseEscapes(uri.value.user)}@${uri.value.host.toLowerCase()}`;
    case 'tel':
      return `tel:${canonicalNumber(uri.value.number)}`;
    case 'absolute':
      return `${uri.value.scheme}:${normaliseEscapes(uri.value.rest)}`;
  }
}

function sipKey({ user, host, port, parameters }: SipUri): string {
  const name = user === undefined ? '' : `${normaliseEscapes(user)}@`;
  const gruu = parameters.has('gr') ? `;gr=${parameters.get('gr') ?? ''}` : '';
  return `sip:${name}${host.toLowerCase()}${port === undefined ? '' : `:${port}`}${gruu}`;
}
