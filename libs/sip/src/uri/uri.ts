import type { Parameters } from '../grammar/parameters.ts';

/** A header of a SIP URI; name in lower case, value with its escapes. */
export type UriHeader = readonly [name: string, value: string];

/**
 * sip and sips URIs. Text keeps its escapes, for `%2F` and `/` are different users; `unescapeUri` gives what they
 * spell. Parameter names are unescaped and in lower case.
 *
 * @spec RFC 3261 §19.1.1
 */
export interface SipUri {
  readonly kind: 'sip';
  readonly scheme: 'sip' | 'sips';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Host name, IPv4 address, or IPv6 address in brackets; case as it came. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port?: number | undefined;
  readonly parameters: Parameters;
  readonly headers: readonly UriHeader[];
}

/** tel URIs. @spec RFC 3966 §3 */
export interface TelUri {
  readonly kind: 'tel';
  readonly scheme: 'tel';
  /** With its visual separators; a leading `+` makes it global. */
  readonly number: string;
  /** Names in lower case; `phone-context` is there for every local number. */
  readonly parameters: Parameters;
}

/** im and pres URIs: an address of instant messaging without a protocol. @spec RFC 3860 §3, RFC 3859 §3 */
export interface ImUri {
  readonly kind: 'im';
  readonly scheme: 'im' | 'pres';
  /** With its escapes. */
  readonly user: string;
  readonly host: string;
  readonly headers: readonly UriHeader[];
}

/** Every other absolute URI, uninterpreted. @spec RFC 3261 §25.1 (absoluteURI) */
export interface AbsoluteUri {
  readonly kind: 'absolute';
  /** In lower case. */
  readonly scheme: string;
  /** Everything behind the first colon. */
  readonly rest: string;
}

/** What may stand in a Request-URI or an address. */
export type Uri = SipUri | TelUri | ImUri | AbsoluteUri;

/** Narrows to sip and sips. */
export function isSipUri(uri: Uri): uri is SipUri {
  return uri.kind === 'sip';
}
