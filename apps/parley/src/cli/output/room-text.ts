import type { Room } from '../api/views.ts';
import { facts, table } from './table.ts';

/** Rooms, one a line. */
export function roomTable(rooms: readonly Room[]): string {
  if (rooms.length === 0) return 'there is no room\n';
  const rows = rooms.map(({ name, uri, participants }) => [name, uri, String(participants.length)]);
  return table(['NAME', 'ADDRESS', 'PARTICIPANTS'], rows);
}

/** One room with its policy and who is in it. */
export function roomText({ name, uri, policy, participants }: Room): string {
  const rules = Object.entries(policy).map(([key, value]) => [key, ruleText(key, value)] as const);
  const head = facts([['name', name], ['address', uri], ...rules]);
  return `${head}\n${participantTable(participants)}`;
}

/** Who is in a room, one a line. */
export function participantTable(participants: Room['participants']): string {
  if (participants.length === 0) return 'nobody is in it\n';
  const rows = participants.map((one) => [one.nickname, one.uri, one.joinedAt]);
  return table(['NICKNAME', 'ADDRESS', 'JOINED'], rows);
}

/** A password stays off the screen; `--json` has it. */
function ruleText(key: string, value: Room['policy'][string]): string {
  if (key === 'password') return value === '' ? '' : '(set)';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
