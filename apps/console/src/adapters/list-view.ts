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

/** What became of a message to a list. */
export interface ListMessageView {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly acceptedAt: string;
  /** Whether nothing more will become of it. */
  readonly done: boolean;
  readonly recipients: readonly {
    readonly uri: string;
    readonly outcome: 'pending' | 'delivered' | 'stored' | 'failed';
    /** SIP status; 0 while it is pending. */
    readonly status: number;
    readonly reason: string;
  }[];
}

/** Shows what became of a message to a list. */
export function listMessageView({
  id,
  sender,
  list,
  acceptedAt,
  done,
  recipients,
}: lists.ListMessage): ListMessageView {
  const shown = recipients.map((recipient) => ({ ...recipient, outcome: outcomeOf(recipient.status) }));
  return { id, from: sender, to: list, acceptedAt: timestamp(acceptedAt), done, recipients: shown };
}

function outcomeOf(status: number): ListMessageView['recipients'][number]['outcome'] {
  if (status === 0) return 'pending';
  if (status === 202) return 'stored';
  return status < 300 ? 'delivered' : 'failed';
}
