import type { SipRequest, Uri } from '@parley/sip';
import { escapeUser, field, read } from '@parley/sip';
import type { AccountBook } from '../accounts/account-book.ts';
import type { ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';

/** Where addresses of one user are found to be one. */
export interface SenderDirectory {
  readonly names: ServedNames;
  readonly accounts: Pick<AccountBook, 'findByNumber'>;
}

/**
 * Who sent a request, in one spelling for all his devices and addresses, as its From says: that is what was authenticated
 * when it came.
 *
 * @returns undefined for who hides (RFC 3323), since nothing proves that two requests are of the same
 */
export function senderKey(request: SipRequest, directory: SenderDirectory): string | undefined {
  const from = read(request, field.from);
  return from.ok && from.value !== undefined ? addressKey(from.value.uri, directory) : undefined;
}

/** Whose address it is, in one spelling for all of his; undefined for that of who hides. */
export function addressKey(uri: Uri, { names, accounts }: SenderDirectory): string | undefined {
  if (isHidden(uri)) return undefined;
  const destination = destinationOf(uri, names);
  if (destination.kind === 'user') return `user ${destination.name}`;
  if (destination.kind !== 'telephone') return foreignKey(uri);
  const account = accounts.findByNumber(destination.number);
  return account === undefined ? `tel ${destination.number}` : `user ${account.name}`;
}

/** The address that somebody in one spelling is known by. */
export function addressOfKey(key: string, realm: string): string {
  if (key.startsWith('user ')) return `sip:${escapeUser(key.slice(5))}@${realm}`;
  return key.startsWith('at ') ? `sip:${key.slice(3)}` : key.replace(' ', ':');
}

function isHidden(uri: Uri): boolean {
  return uri.kind === 'sip' && uri.host.toLowerCase().endsWith('.invalid');
}

function foreignKey(uri: Uri): string | undefined {
  return uri.kind === 'sip' || uri.kind === 'im' ? `at ${uri.user ?? ''}@${uri.host.toLowerCase()}` : undefined;
}
