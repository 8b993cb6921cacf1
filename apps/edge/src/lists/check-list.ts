import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { escapeUser, parseUri } from '@parley/sip';
import { isAccountName } from '../accounts/account-rules.ts';

const maxDisplayName = 128;
const senders: ReadonlySet<string> = new Set(['anyone', 'members', 'owner']);

/** Fields of a list as somebody asks for them. */
export interface ListWish {
  readonly name: string;
  readonly displayName: string;
  readonly owner: string;
  readonly senders: string;
  /** Names of accounts and lists here, or URIs. */
  readonly members: readonly string[];
}

/**
 * Whether a list may look like this; the refusal names the field.
 *
 * @param most - members
 */
export function checkList(wish: ListWish, most: number): Result<ListWish, Refusal> {
  if (!isAccountName(wish.name)) return invalid('name: expected what may be the name of an account');
  if (wish.displayName.length > maxDisplayName)
    return invalid(`displayName: expected at most ${maxDisplayName} characters`);
  if (!senders.has(wish.senders)) return invalid('senders: expected anyone, members or owner');
  return wish.members.length > most ? invalid(`members: expected at most ${most}`) : ok(wish);
}

/** A member as a URI; a name stands for an account or a list of the domain. */
export function memberUri(text: string, domain: string): Result<string, Refusal> {
  const trimmed = text.trim();
  if (/^[^\s:@<>"]+$/.test(trimmed)) return ok(`sip:${escapeUser(trimmed)}@${domain}`);
  const uri = parseUri(trimmed);
  const isPerson = uri.ok && uri.value.kind !== 'absolute';
  return isPerson ? ok(trimmed) : invalid(`members: expected names and addresses, not "${trimmed.slice(0, 64)}"`);
}

/** Members as URIs, each once. */
export function memberUris(texts: readonly string[], domain: string): Result<readonly string[], Refusal> {
  const uris = new Set<string>();
  for (const text of texts) {
    const uri = memberUri(text, domain);
    if (!uri.ok) return uri;
    uris.add(uri.value);
  }
  return ok([...uris]);
}

function invalid(message: string): Result<never, Refusal> {
  return err(refusal(400, 'Invalid List', message));
}
