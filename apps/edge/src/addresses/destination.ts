import type { SipUri, Uri } from '@parley/sip';
import { canonicalHost, escapeUser, unescapeUri } from '@parley/sip';

/** Names under which this installation is known. */
export interface ServedNames {
  /** `PARLEY_DOMAIN`; the host of every address-of-record here. */
  readonly domain: string;
  /** Further names of it, each as `canonicalHost` spells it: aliases and listening addresses, ports left out. */
  readonly aliases: ReadonlySet<string>;
  /** `PARLEY_CHAT_DOMAIN`. */
  readonly chatDomain: string;
  /** Ports that belong to the names; another port is another server. */
  readonly ports: ReadonlySet<number>;
}

/** Whom a URI names, seen from this installation. */
export type Destination =
  /** The server itself, e.g. an OPTIONS to it. */
  | { readonly kind: 'server' }
  /** Somebody here; whether there is such an account is another question. */
  | { readonly kind: 'user'; readonly name: string }
  /** A room; `uri` is the conference URI in its one spelling. */
  | { readonly kind: 'room'; readonly name: string; readonly uri: string }
  /** The conference factory. @spec RFC 4579 §3.2 */
  | { readonly kind: 'factory' }
  /** The chat domain itself. */
  | { readonly kind: 'chat-server' }
  /** The service that sends one MESSAGE to many. @spec RFC 5365 §4 */
  | { readonly kind: 'list' }
  | { readonly kind: 'telephone'; readonly number: string }
  | { readonly kind: 'foreign'; readonly host: string }
  /** 416. @spec RFC 3261 §8.2.2.1 */
  | { readonly kind: 'unsupported-scheme'; readonly scheme: string };

const factoryName = 'factory';
const listName = 'list';

/** Finds whom a URI names; `user=phone` makes a number of the user part (RFC 3261 §19.1.6). Else it is compared as RFC 3261 §19.1.4 says: by case, escapes undone. */
export function destinationOf(uri: Uri, names: ServedNames): Destination {
  switch (uri.kind) {
    case 'sip':
      return sipDestination(uri, names);
    case 'im':
      return userAt(uri.user, uri.host, undefined, names);
    case 'tel':
      return { kind: 'telephone', number: uri.number };
    case 'absolute':
      return { kind: 'unsupported-scheme', scheme: uri.scheme };
  }
}

/** With `maddr` the request goes to that host, whatever the domain, unless it is ours. @spec RFC 3261 §16.4, §16.5 */
function sipDestination({ user, host, port, parameters }: SipUri, names: ServedNames): Destination {
  const named = parameters.get('maddr');
  const maddr = named === undefined ? undefined : canonicalHost(named);
  if (maddr !== undefined && !isHere(maddr, names)) return { kind: 'foreign', host: maddr };
  const destination = userAt(user, host, port, names);
  if (destination.kind !== 'user' || parameters.get('user')?.toLowerCase() !== 'phone') return destination;
  return { kind: 'telephone', number: destination.name.split(';', 1)[0] ?? '' };
}

function isHere(host: string, { domain, aliases }: ServedNames): boolean {
  return host === domain || aliases.has(host);
}

function userAt(user: string | undefined, host: string, port: number | undefined, names: ServedNames): Destination {
  const name = user === undefined ? undefined : unescapeUri(user);
  const here = canonicalHost(host);
  if (here === names.chatDomain) return chatDestination(name, names);
  if (!isHere(here, names) || (port !== undefined && !names.ports.has(port))) return { kind: 'foreign', host: here };
  if (name === undefined || name === '') return { kind: 'server' };
  return name === listName ? { kind: 'list' } : { kind: 'user', name };
}

function chatDestination(name: string | undefined, names: ServedNames): Destination {
  if (name === undefined || name === '') return { kind: 'chat-server' };
  if (name === factoryName) return { kind: 'factory' };
  return { kind: 'room', name, uri: `sip:${escapeUser(name)}@${names.chatDomain}` };
}
