import type { SipRequest } from '@parley/sip';
import { canonicalNumber, field, read, readAll } from '@parley/sip';
import type { Uri } from '@parley/sip';
import type { Account } from '../accounts/account.ts';
import type { ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';
import { isAnonymous } from '../federation/admit-foreign.ts';

/** How an address is found to be one of an account's. */
export interface Addresses {
  readonly names: ServedNames;
  /** The account that a valid temporary GRUU stands for. @spec RFC 5627 §6.1 */
  readonly ownerOf: (uri: Uri) => string | undefined;
  /** The account that lists a telephone number. */
  readonly holderOf: (number: string) => string | undefined;
}

/** The account that a request says it is from; who hides in From says it in P-Preferred-Identity. @spec RFC 3325 §9.2 */
export function accountSaid(request: SipRequest, addresses: Addresses): string | undefined {
  const from = read(request, field.from);
  if (!from.ok || from.value === undefined) return undefined;
  if (!isAnonymous(from.value.uri)) return accountAt(from.value.uri, addresses);
  const preferred = read(request, field.pPreferredIdentity);
  return preferred.ok && preferred.value !== undefined ? accountAt(preferred.value.uri, addresses) : undefined;
}

function accountAt(uri: Uri, { names, ownerOf, holderOf }: Addresses): string | undefined {
  const destination = destinationOf(uri, names);
  if (destination.kind === 'telephone') return holderOf(destination.number);
  const owner = ownerOf(uri);
  // A temporary GRUU that hides nobody is nobody's name (RFC 5627 §6.1).
  if (owner !== undefined || isTemporaryGruu(uri)) return owner;
  return destination.kind === 'user' ? destination.name : undefined;
}

function isTemporaryGruu(uri: Uri): boolean {
  return uri.kind === 'sip' && uri.parameters.has('gr') && uri.parameters.get('gr') === undefined;
}

/**
 * Whether all that a request says of its sender is true of the account: From is one of its addresses, or that of nobody
 * in particular (RFC 3323 §4.1.1.3), and so is each P-Preferred-Identity.
 *
 * @spec RFC 3261 §22.1, RFC 3325 §6
 */
export function speaksOf(
  request: SipRequest,
  account: Account,
  { names, ownerOf }: Omit<Addresses, 'holderOf'>,
): boolean {
  const from = read(request, field.from);
  const preferred = readAll(request, field.pPreferredIdentity);
  if (!from.ok || from.value === undefined || !preferred.ok) return false;
  const isOwn = (uri: Uri): boolean => isAddressOf(uri, account, names) || ownerOf(uri) === account.name;
  return (isAnonymous(from.value.uri) || isOwn(from.value.uri)) && preferred.value.every(({ uri }) => isOwn(uri));
}

function isAddressOf(uri: Uri, { name, tel }: Account, names: ServedNames): boolean {
  const destination = destinationOf(uri, names);
  if (destination.kind === 'user') return destination.name === name;
  return destination.kind === 'telephone' && tel !== '' && canonicalNumber(destination.number) === canonicalNumber(tel);
}
