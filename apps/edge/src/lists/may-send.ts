import { parseUri } from '@parley/sip';
import { listAddress } from './list-address.ts';
import type { Directory } from './plan-copies.ts';
import type { StoredList } from './stored-list.ts';

/** Lists looked into at most: members of lists on a list are its members too. */
const mostLists = 64;

/** Whether an account may send to a stored list. */
export function maySend(sender: string, list: StoredList, directory: Directory): boolean {
  if (list.owner === sender && sender !== '') return true;
  switch (list.senders) {
    case 'anyone':
      return true;
    case 'owner':
      return false;
    case 'members':
      return isMember(sender, list, directory);
  }
}

function isMember(account: string, list: StoredList, directory: Directory): boolean {
  const lists = new Map([[list.name, list]]);
  for (const { members } of lists.values()) {
    for (const member of members) {
      const name = accountIn(member, directory);
      if (name === account) return true;
      const inner = name === undefined ? undefined : directory.listOf(name);
      if (inner !== undefined && lists.size < mostLists) lists.set(inner.name, inner);
    }
  }
  return false;
}

function accountIn(member: string, { destinationOf, accountOf }: Directory): string | undefined {
  const uri = parseUri(member);
  const destination = uri.ok ? destinationOf(listAddress(uri.value)) : undefined;
  if (destination?.kind === 'user') return destination.name;
  return destination?.kind === 'telephone' ? accountOf(destination.number) : undefined;
}
