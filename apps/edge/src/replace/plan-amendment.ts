import type { Mail } from '../mailbox/mail.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { hasTaken, heirsOf } from '../mailbox/mailbox.ts';
import { pauseAfter } from '../mailbox/fate.ts';
import { keepersOf, wasRecalled } from './amended-copy.ts';

/** For whom a stored copy can still be amended. */
export interface AmendmentPlan {
  /** Devices that get what is new in its place. */
  readonly covered: readonly string[];
  /** Devices that keep what they are being sent: it is, or was, on its way to them. */
  readonly keepers: readonly string[];
  /** Whether it waits for somebody who is covered, be it the first device of an account. */
  readonly waits: boolean;
}

/**
 * Who gets an amendment in the place of a copy. What may have reached a device counts as delivered to it.
 *
 * @param isSending - whether the copy is on its way to a device
 * @spec docs/specs/replace-message.md §8.2, §8.4
 */
export function planAmendment(
  mail: Mail,
  mailbox: Mailbox,
  remembered: ReadonlySet<string>,
  isSending: (device: string) => boolean,
  now: number,
): AmendmentPlan {
  const amended = mailbox.amended.get(mail.sequence);
  const before = keepersOf(amended);
  if (wasRecalled(amended)) return { covered: [], keepers: before, waits: false };
  const waiting = [...new Set([...mail.devices, ...heirsOf(mail, mailbox, remembered)])].filter(
    (device) => !hasTaken(mailbox, device, mail.sequence),
  );
  const isOut = (device: string): boolean => before.includes(device) || isUnderWay(mail, now) || isSending(device);
  const covered = waiting.filter((device) => !isOut(device));
  const isForFirst = mail.devices.length === 0 && mailbox.first === undefined;
  return { covered, keepers: waiting.filter(isOut), waits: covered.length > 0 || isForFirst };
}

/** Whether it was stored while devices had still to answer; the pause after an attempt that failed is shorter. */
function isUnderWay({ notBefore, storedAt }: Mail, now: number): boolean {
  return notBefore > now && notBefore - storedAt > pauseAfter(1);
}
