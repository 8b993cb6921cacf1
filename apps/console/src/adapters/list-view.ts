import type { lists } from '@parley/contracts';
import { timestamp } from './time.ts';

/** A stored list as the API shows it. */
export interface ListView {
  readonly name: string;
  readonly uri: string;
  readonly displayName: string;
  /** Account that it belongs to; empty: the operators. */
  readonly owner: string;
  readonly senders: string;
  readonly hideMembers: boolean;
  readonly members: readonly string[];
  readonly createdAt: string;
}

/** Shows a stored list. */
export function listView({ createdAt, ...list }: lists.List): ListView {
  return { ...list, createdAt: timestamp(createdAt) };
}
