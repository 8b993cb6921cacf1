import type { Parameters } from '../grammar/parameters.ts';
import { normaliseEscapes } from './escapes.ts';
import { equalHosts } from './equal-hosts.ts';
import { equalTelUris } from './equal-tel-uris.ts';
import type { ImUri, SipUri, Uri, UriHeader } from './uri.ts';

/** Parameters whose absence is not the same as any value. */
const neverIgnored: readonly string[] = ['user', 'ttl', 'method', 'maddr', 'transport'];

/**
 * Whether two URIs are equivalent. Not transitive: a parameter that only one of them has is ignored.
 *
 * @spec RFC 3261 §19.1.4, RFC 3966 §4
 */
export function equalUris(a: Uri, b: Uri): boolean {
  if (a.kind === 'sip' && b.kind === 'sip') return equalSipUris(a, b);
  if (a.kind === 'tel' && b.kind === 'tel') return equalTelUris(a, b);
  if (a.kind === 'im' && b.kind === 'im') return equalImUris(a, b);
  if (a.kind === 'absolute' && b.kind === 'absolute') {
    return a.scheme === b.scheme && normaliseEscapes(a.rest) === normaliseEscapes(b.rest);
  }
  return false;
}

function equalSipUris(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    equalText(a.user, b.user) &&
    equalText(a.password, b.password) &&
    equalHosts(a.host, b.host) &&
    a.port === b.port &&
    equalParameters(a.parameters, b.parameters) &&
    equalHeaders(a.headers, b.headers)
  );
}

function equalImUris(a: ImUri, b: ImUri): boolean {
  return (
    a.scheme === b.scheme &&
    equalText(a.user, b.user) &&
    equalHosts(a.host, b.host) &&
    equalHeaders(a.headers, b.headers)
  );
}

function equalText(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || normaliseEscapes(a) === normaliseEscapes(b);
}

function foldCase(text: string | undefined): string | undefined {
  return text === undefined ? undefined : normaliseEscapes(text).toLowerCase();
}

function equalParameters(a: Parameters, b: Parameters): boolean {
  for (const name of neverIgnored) if (a.has(name) !== b.has(name)) return false;
  for (const [name, value] of a) if (b.has(name) && foldCase(value) !== foldCase(b.get(name))) return false;
  return true;
}

/** Order does not count, but how often each comes does. */
function equalHeaders(a: readonly UriHeader[], b: readonly UriHeader[]): boolean {
  if (a.length !== b.length) return false;
  const spelled = (headers: readonly UriHeader[]): string[] =>
    headers.map(([name, value]) => `${name}=${normaliseEscapes(value)}`).sort();
  const others = spelled(b);
  return spelled(a).every((text, i) => text === others[i]);
}
