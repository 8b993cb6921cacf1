import type { AmendedCopy, Amending } from '../replace/amended-copy.ts';
import { keepersOf, wasRecalled } from '../replace/amended-copy.ts';
import type { Mail } from './mail.ts';

/** How far a device has read. */
export interface Cursor {
  /** All up to this sequence is done. */
  readonly position: number;
  /** Mail lies beyond. */
  readonly waiting: boolean;
  /** Sequences beyond that are done too. */
  readonly taken: readonly number[];
}

/** What the owner of a mailbox knows of it. */
export interface Mailbox {
  /** Highest sequence heard of. */
  readonly seen: number;
  /** Copies kept, about: exact again whenever the mailbox runs empty. */
  readonly depth: number;
  /** Octets of them, about in the same way. */
  readonly octets: number;
  /** When the oldest was stored; 0 for none. */
  readonly oldestAt: number;
  /** The device that gets what was stored before there was any. */
  readonly first: string | undefined;
  readonly cursors: ReadonlyMap<string, Cursor>;
  /** Copies in whose place something else goes, by their sequence. */
  readonly amended: ReadonlyMap<number, AmendedCopy>;
  /** Requests that amended copies lately. */
  readonly amendings: readonly Amending[];
  /** The time of all copies up to this sequence is over: an operator cleared the mailbox. 0: of none. */
  readonly clearedTo: number;
}

/** A mailbox that nothing was ever stored in. */
export const emptyMailbox: Mailbox = {
  seen: 0,
  depth: 0,
  octets: 0,
  oldestAt: 0,
  first: undefined,
  cursors: new Map(),
  amended: new Map(),
  amendings: [],
  clearedTo: 0,
};

/** What the owner is told of a copy that was stored. */
export interface StoredCopy {
  readonly sequence: number;
  readonly devices: readonly string[];
  readonly octets: number;
}

const start: Cursor = { position: 0, waiting: false, taken: [] };

/** How far a device has read; from the beginning when nothing says otherwise. */
export function cursorOf({ cursors }: Mailbox, device: string): Cursor {
  return cursors.get(device) ?? start;
}

/** Whether devices have read as far in both; who waits does not matter. */
export function isReadAsFar({ cursors }: Mailbox, before: Mailbox): boolean {
  if (cursors === before.cursors) return true;
  for (const [device, { position, taken: beyond }] of cursors) {
    const known = cursorOf(before, device);
    if (known.position !== position || known.taken.length !== beyond.length) return false;
  }
  return true;
}

function withCursor(mailbox: Mailbox, device: string, cursor: Cursor): Mailbox {
  return { ...mailbox, cursors: new Map(mailbox.cursors).set(device, cursor) };
}

/** A copy was stored: its devices wait. Hearing it twice changes nothing but, harmlessly, who waits. */
export function stored(mailbox: Mailbox, { sequence, devices, octets }: StoredCopy, now: number): Mailbox {
  const isNew = sequence > mailbox.seen;
  const heirs = devices.length > 0 || mailbox.first === undefined ? devices : [mailbox.first];
  const counted: Mailbox = {
    ...mailbox,
    seen: Math.max(mailbox.seen, sequence),
    depth: mailbox.depth + (isNew ? 1 : 0),
    octets: mailbox.octets + (isNew ? octets : 0),
    oldestAt: mailbox.oldestAt === 0 ? now : mailbox.oldestAt,
  };
  return heirs.filter((device) => cursorOf(mailbox, device).position < sequence).reduce(waits, counted);
}

/** Mail waits for a device. */
export function waits(mailbox: Mailbox, device: string): Mailbox {
  const cursor = cursorOf(mailbox, device);
  return cursor.waiting ? mailbox : withCursor(mailbox, device, { ...cursor, waiting: true });
}

/** Nothing is left for a device. */
export function emptied(mailbox: Mailbox, device: string): Mailbox {
  const cursor = cursorOf(mailbox, device);
  return cursor.waiting ? withCursor(mailbox, device, { ...cursor, waiting: false }) : mailbox;
}

/** All up to a sequence is done for a device. */
export function advanced(mailbox: Mailbox, device: string, position: number): Mailbox {
  const cursor = cursorOf(mailbox, device);
  if (position <= cursor.position) return mailbox;
  const taken = cursor.taken.filter((sequence) => sequence > position);
  return withCursor(mailbox, device, { ...cursor, position, taken });
}

/** A mailbox where devices have read at least as far as in another. */
export function readAsFarAs(mailbox: Mailbox, { cursors }: Mailbox): Mailbox {
  let next = mailbox;
  for (const [device, { position, taken: beyond }] of cursors)
    next = beyond.reduce((before, sequence) => taken(before, device, sequence), advanced(next, device, position));
  return next;
}

/** Copies that a device may have taken out of turn and remembers at most. */
const mostTaken = 1_000;

/** A device took a copy after all, out of turn. */
export function taken(mailbox: Mailbox, device: string, sequence: number): Mailbox {
  const cursor = cursorOf(mailbox, device);
  if (sequence <= cursor.position || cursor.taken.includes(sequence) || cursor.taken.length >= mostTaken)
    return mailbox;
  return withCursor(mailbox, device, { ...cursor, taken: [...cursor.taken, sequence] });
}

/**
 * Devices registered: the first of an account inherits what was stored before.
 *
 * @param remembered - devices that mail is kept for, those among them
 */
export function registered(mailbox: Mailbox, devices: readonly string[], remembered: ReadonlySet<string>): Mailbox {
  const [heir] = devices;
  const hasFirst = mailbox.first !== undefined && remembered.has(mailbox.first);
  return hasFirst || heir === undefined ? mailbox : { ...mailbox, first: heir };
}

/** Mailbox without the cursors of forgotten devices. */
export function withoutForgotten(mailbox: Mailbox, remembered: ReadonlySet<string>): Mailbox {
  const cursors = new Map([...mailbox.cursors].filter(([device]) => remembered.has(device)));
  return cursors.size === mailbox.cursors.size ? mailbox : { ...mailbox, cursors };
}

/** Milliseconds for which a device that a copy names counts as remembered, though this copy of the book may not know it yet. */
const grace = 60_000;

/** Whom a copy is for: one of no device, or without end and of forgotten devices alone, is the first device's. */
export function heirsOf(mail: Mail, mailbox: Mailbox, remembered: ReadonlySet<string>): readonly string[] {
  const { devices, expiresAt } = mail;
  const amended = mailbox.amended.get(mail.sequence);
  if (wasRecalled(amended)) return keepersOf(amended);
  const isOrphan = devices.length === 0 || (expiresAt === undefined && !devices.some((id) => remembered.has(id)));
  if (!isOrphan) return devices;
  return mailbox.first === undefined ? [] : [mailbox.first];
}

/** Whether a copy has still to go to a device. */
export function isDue(mail: Mail, device: string, mailbox: Mailbox, remembered: ReadonlySet<string>): boolean {
  return heirsOf(mail, mailbox, remembered).includes(device) && !isTaken(cursorOf(mailbox, device), mail.sequence);
}

/** Whether a device has a copy, or is done with it. */
export function hasTaken(mailbox: Mailbox, device: string, sequence: number): boolean {
  return isTaken(cursorOf(mailbox, device), sequence);
}

function isTaken({ position, taken: beyond }: Cursor, sequence: number): boolean {
  return sequence <= position || beyond.includes(sequence);
}

/** Whether a copy is for an earlier account of the same name, made before the one that is known. */
export function isOfEarlierAccount({ accountSince }: Mail, known: number): boolean {
  return accountSince !== 0 && accountSince < known;
}

/** Whether a device alone speaks for the recipient when it refuses a copy: no other has done with the message. */
export function isLostWith(mail: Mail, device: string, mailbox: Mailbox): boolean {
  const others = [...mail.devices, ...mail.others].filter((other) => other !== device);
  return !mail.shared && !others.some((other) => isTaken(cursorOf(mailbox, other), mail.sequence));
}

/** Who has not got a copy of those that it is for. */
export function notReached(mail: Mail, mailbox: Mailbox): readonly string[] {
  return mail.devices.filter((device) => !isTaken(cursorOf(mailbox, device), mail.sequence));
}

/** Whether a device gets a message by a copy, or by one that was stored before it. */
export function isFor({ devices, others }: Mail, device: string): boolean {
  return devices.includes(device) || others.includes(device);
}

/**
 * Whether a message is lost with a copy that nobody needs any more: none of its devices took it in its time, or all of its
 * account are forgotten. Whoever takes a message takes it for the recipient, so that one device is enough, whichever way it
 * got it.
 */
export function isLost(mail: Mail, mailbox: Mailbox, remembered: ReadonlySet<string>, now: number): boolean {
  if (mail.shared) return false;
  const devices = [...mail.devices, ...mail.others, ...heirsOf(mail, mailbox, remembered)];
  if (devices.some((device) => isTaken(cursorOf(mailbox, device), mail.sequence))) return false;
  return isOver(mail, now) || remembered.size === 0;
}

/** The mailbox after copies are gone; exact when nothing is left. */
export function without(mailbox: Mailbox, gone: readonly Mail[], head: Mail | undefined, isEmpty: boolean): Mailbox {
  if (isEmpty) return { ...mailbox, depth: 0, octets: 0, oldestAt: 0 };
  const octets = gone.reduce((sum, mail) => sum + mail.octets, 0);
  return {
    ...mailbox,
    depth: Math.max(head === undefined ? 0 : 1, mailbox.depth - gone.length),
    octets: Math.max(0, mailbox.octets - octets),
    oldestAt: head?.storedAt ?? mailbox.oldestAt,
  };
}

/** An operator clears the mailbox: of copies that its owner has not heard of too, which then are no news. */
export function cleared(mailbox: Mailbox, upTo: number): Mailbox {
  return { ...mailbox, clearedTo: upTo, seen: Math.max(mailbox.seen, upTo) };
}

/** Whether an operator cleared the mailbox of a copy. */
export function isCleared({ clearedTo }: Mailbox, sequence: number): boolean {
  return sequence <= clearedTo;
}

/** What is known of a copy where its mailbox may have been cleared: then its time is over, by whatever clock. */
export function unlessCleared(mailbox: Mailbox, mail: Mail): Mail {
  return isCleared(mailbox, mail.sequence) ? { ...mail, expiresAt: 0 } : mail;
}

/** Whether the time of a copy is over. @spec RFC 3428 §7 */
export function isOver({ expiresAt }: Mail, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Whether nobody needs a copy any more, so that it may be purged: each of its devices has it or is forgotten. */
export function isDone(mail: Mail, mailbox: Mailbox, remembered: ReadonlySet<string>, now: number): boolean {
  const heirs = heirsOf(mail, mailbox, remembered);
  const isOld = mail.expiresAt !== undefined && now - mail.storedAt >= grace;
  return (
    (heirs.length > 0 || wasRecalled(mailbox.amended.get(mail.sequence))) &&
    heirs.every((device) => isTaken(cursorOf(mailbox, device), mail.sequence) || (isOld && !remembered.has(device)))
  );
}
