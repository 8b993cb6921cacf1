import type { StoredList } from '../api/views.ts';
import { facts, table } from './table.ts';

/** Lists, one a line. */
export function listTable(lists: readonly StoredList[]): string {
  if (lists.length === 0) return 'there is no list\n';
  const rows = lists.map(({ name, uri, owner, senders, members }) => [
    name,
    uri,
    owner,
    senders,
    String(members.length),
  ]);
  return table(['NAME', 'ADDRESS', 'OWNER', 'SENDERS', 'MEMBERS'], rows);
}

/** One list with its members. */
export function listText({ name, uri, displayName, owner, senders, hideMembers, members }: StoredList): string {
  const head = facts([
    ['name', name],
    ['address', uri],
    ['display name', displayName],
    ['owner', owner],
    ['senders', senders],
    ['hide members', String(hideMembers)],
  ]);
  if (members.length === 0) return `${head}\nnobody is on it\n`;
  return `${head}\n${table(
    ['MEMBER'],
    members.map((member) => [member]),
  )}`;
}
