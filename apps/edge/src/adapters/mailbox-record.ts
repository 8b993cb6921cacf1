import type { edge } from '@parley/contracts';
import type { Mail } from '../mailbox/mail.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';

/** The mailbox as its bucket keeps it, under the takeover of its owner. */
export function mailboxToRecord(account: string, epoch: number, mailbox: Mailbox): edge.MailboxRecord {
  const { seen, depth, oldestAt, first, cursors } = mailbox;
  return {
    account,
    epoch,
    seen,
    depth,
    oldestAt,
    hasFirst: first !== undefined,
    first: first ?? '',
    cursors: [...cursors].map(([device, { position, waiting, taken }]) => ({ device, position, waiting, taken })),
  };
}

/** The inverse of {@link mailboxToRecord}. */
export function mailboxFromRecord({ seen, depth, oldestAt, hasFirst, first, cursors }: edge.MailboxRecord): Mailbox {
  return {
    seen,
    depth,
    oldestAt,
    first: hasFirst ? first : undefined,
    cursors: new Map(cursors.map(({ device, position, waiting, taken }) => [device, { position, waiting, taken }])),
  };
}

/** What is known of a stored copy without its octets. */
export function mailFromRecord(
  sequence: number,
  { devices, storedAt, expiresAt, notBefore }: edge.MailboxMessage,
): Mail {
  return { sequence, devices, storedAt, expiresAt: expiresAt === 0 ? undefined : expiresAt, notBefore };
}
