/** Who may send to a stored list; its owner always may. */
export type ListSenders = 'anyone' | 'members' | 'owner';

/** A list that has an address. */
export interface StoredList {
  /** User part of its address, escapes undone. */
  readonly name: string;
  readonly displayName: string;
  /** Account that it belongs to; empty: the operators. */
  readonly owner: string;
  readonly senders: ListSenders;
  /** Whether recipients learn the address of the list alone, and not who else is on it. */
  readonly hideMembers: boolean;
  /** URIs, as they were given. */
  readonly members: readonly string[];
  /** Wall time in milliseconds. */
  readonly createdAt: number;
}
