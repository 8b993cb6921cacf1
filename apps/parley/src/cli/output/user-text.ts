import type { User } from '../api/views.ts';
import { facts, table } from './table.ts';

/** Users, one a line. */
export function userTable(users: readonly User[]): string {
  if (users.length === 0) return 'nobody has an account\n';
  const rows = users.map(({ name, displayName, tel, bindings }) => [name, displayName, tel, String(bindings.length)]);
  return table(['NAME', 'DISPLAY NAME', 'TEL', 'DEVICES'], rows);
}

/** One user with all bindings. */
export function userText({ name, displayName, tel, bindings, mail }: User): string {
  const head = facts([
    ['name', name],
    ['display name', displayName],
    ['tel', tel],
    ['mail', mailText(mail)],
  ]);
  if (bindings.length === 0) return `${head}no device is registered\n`;
  const rows = bindings.map(({ contact, transport, expires }) => [transport, expires, contact]);
  return `${head}\n${table(['TRANSPORT', 'EXPIRES', 'CONTACT'], rows)}`;
}

function mailText(mail: User['mail']): string {
  if (mail === undefined || mail.waiting === 0) return 'nothing waits';
  const { waiting, octets, oldest } = mail;
  const since = oldest === '' ? '' : `, the oldest since ${oldest}`;
  return `${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'}, ${octets} octets${since}`;
}
