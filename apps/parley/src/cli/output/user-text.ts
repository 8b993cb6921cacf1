import type { Mailbox, User } from '../api/views.ts';
import { facts, table } from './table.ts';

/** Users, one a line. */
export function userTable(users: readonly User[]): string {
  if (users.length === 0) return 'nobody has an account\n';
  const rows = users.map(({ name, displayName, tel, bindings }) => [name, displayName, tel, String(bindings.length)]);
  return table(['NAME', 'DISPLAY NAME', 'TEL', 'DEVICES'], rows);
}

/** One user with all bindings. */
export function userText({ name, displayName, tel, bindings }: User): string {
  const head = facts([
    ['name', name],
    ['display name', displayName],
    ['tel', tel],
  ]);
  if (bindings.length === 0) return `${head}no device is registered\n`;
  const rows = bindings.map(({ contact, transport, expires }) => [transport, expires, contact]);
  return `${head}\n${table(['TRANSPORT', 'EXPIRES', 'CONTACT'], rows)}`;
}

/** What waits for devices that are away. */
export function mailboxText({ waiting, octets, oldest }: Mailbox): string {
  if (waiting === 0) return 'nothing waits\n';
  const since = oldest === null ? '' : `, the oldest since ${oldest}`;
  return `${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'}, ${octets} octets${since}\n`;
}
