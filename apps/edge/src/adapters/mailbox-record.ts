import type { edge } from '@parley/contracts';
import type { Mail } from '../mailbox/mail.ts';
import type { Cursor, Mailbox } from '../mailbox/mailbox.ts';
import type { AmendedCopy } from '../replace/amended-copy.ts';

/** Whose record it is, and under which takeover it is written. */
export interface RecordHead {
  readonly account: string;
  readonly epoch: number;
  readonly accountSince: number;
}

/** What a mailbox holds and who waits, as its bucket keeps it. */
export function mailboxToRecord(head: RecordHead, mailbox: Mailbox): edge.MailboxRecord {
  const { seen, depth, octets, oldestAt, first, cursors, amended, amendings, clearedTo } = mailbox;
  return {
    ...head,
    ...{ seen, depth, octets, oldestAt },
    amended: [...amended].map(amendedToWire),
    ...{ amendings, clearedTo },
    hasFirst: first !== undefined,
    first: first ?? '',
    cursors: cursorsToWire(cursors),
  };
}

/** How far each device has read, as its bucket keeps it. */
export function cursorsToRecord(head: RecordHead, { cursors }: Mailbox): edge.CursorRecord {
  return { ...head, cursors: cursorsToWire(cursors) };
}

function cursorsToWire(cursors: Mailbox['cursors']): edge.MailboxCursor[] {
  const wire: edge.MailboxCursor[] = [];
  for (const [device, { position, waiting, taken }] of cursors) wire.push({ device, position, waiting, taken });
  return wire;
}

/** The inverse of {@link mailboxToRecord}. */
export function mailboxFromRecord(record: edge.MailboxRecord): Mailbox {
  const { seen, depth, octets, oldestAt, hasFirst, first, cursors, amended, amendings, clearedTo } = record;
  return {
    ...{ seen, depth, octets, oldestAt, amendings, clearedTo },
    first: hasFirst ? first : undefined,
    cursors: cursorsFromWire(cursors),
    amended: new Map(amended.map((copy) => [copy.sequence, amendedFromWire(copy)])),
  };
}

function amendedToWire([sequence, { content, expiresAt, kept }]: readonly [number, AmendedCopy]): edge.AmendedCopy {
  const keptToWire = kept.map((each) => ({ ...each, expiresAt: each.expiresAt ?? 0 }));
  return { sequence, content, expiresAt: expiresAt ?? 0, kept: keptToWire };
}

function amendedFromWire({ content, expiresAt, kept }: edge.AmendedCopy): AmendedCopy {
  const keptFromWire = kept.map((each) => ({ ...each, expiresAt: endOf(each.expiresAt) }));
  return { content, expiresAt: endOf(expiresAt), kept: keptFromWire };
}

function endOf(wire: number): number | undefined {
  return wire === 0 ? undefined : wire;
}

function cursorsFromWire(cursors: readonly edge.MailboxCursor[]): Map<string, Cursor> {
  return new Map(cursors.map(({ device, position, waiting, taken }) => [device, { position, waiting, taken }]));
}

/** The mailbox with the positions of its cursor record, where they are further. */
export function withCursors(mailbox: Mailbox, { cursors }: edge.CursorRecord): Mailbox {
  const merged = new Map(mailbox.cursors);
  for (const [device, cursor] of cursorsFromWire(cursors)) {
    const known = merged.get(device);
    if (known === undefined || known.position <= cursor.position)
      merged.set(device, { ...cursor, waiting: known?.waiting ?? cursor.waiting });
  }
  return { ...mailbox, cursors: merged };
}

/** What is known of a stored copy without its octets. */
export function mailFromRecord(sequence: number, message: edge.MailboxMessage): Mail {
  const { devices, storedAt, expiresAt, notBefore, request, accountSince, shared, others } = message;
  return {
    ...{ sequence, devices, storedAt, notBefore, accountSince, shared, others },
    octets: request.length,
    expiresAt: expiresAt === 0 ? undefined : expiresAt,
  };
}
