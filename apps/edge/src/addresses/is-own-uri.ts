import { canonicalHost } from '@parley/sip';
import type { SipUri } from '@parley/sip';
import type { ServedNames } from './destination.ts';

/** Whether a Route value leads here: a name of ours, and a port of ours where one is given. */
export function isOwnUri({ host, port }: SipUri, names: ServedNames): boolean {
  const name = canonicalHost(host);
  const isHere = name === names.domain || name === names.chatDomain || names.aliases.has(name);
  return isHere && (port === undefined || names.ports.has(port));
}
