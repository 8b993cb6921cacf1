import type { lists } from '@parley/contracts';
import type { ListSenders, StoredList } from '../lists/stored-list.ts';

const known: readonly ListSenders[] = ['anyone', 'members', 'owner'];

/** Who may send, by its name; the strictest where another version knows more. */
export function sendersFrom(text: string): ListSenders {
  return known.find((senders) => senders === text) ?? 'owner';
}

/** The list as its bucket keeps it. */
export function listToRecord(list: StoredList): lists.ListRecord {
  return { ...list };
}

/** The inverse of {@link listToRecord}. */
export function listFromRecord(record: lists.ListRecord): StoredList {
  return { ...record, senders: sendersFrom(record.senders) };
}
