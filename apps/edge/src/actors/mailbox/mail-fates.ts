import type { Clock } from '@parley/prelude';
import type { BindingBook } from '../../location/binding-book.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { MessageFate } from '../../mailbox/delivery-hooks.ts';
import { isCleared } from '../../mailbox/mailbox.ts';
import { requestIn } from './delivery-attempt.ts';
import type { DeliveryMeans } from './delivery-attempt.ts';
import type { Sweep } from './mailbox-sweeper.ts';
import type { FoundCopy, StoredMailbox } from './stored-mailbox.ts';

/** What became of a stored copy for one device. */
export type DrainOutcome = 'delivered' | 'refused' | 'expired' | 'cleared' | 'retried';

/** What a drain is built from. */
export interface MailDrainOptions extends DeliveryMeans {
  readonly clock: Clock;
  /** When an account was made, as far as this edge knows; 0: there is none. */
  readonly accountSince: (account: string) => number;
  readonly bindings: Pick<BindingBook, 'live'>;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly drained: (outcome: DrainOutcome) => void;
}

/**
 * A sweep of a mailbox by its owner.
 *
 * @param isOnItsWay - whether what becomes of a copy is still open
 */
export function sweepOf(
  options: MailDrainOptions,
  stored: StoredMailbox,
  remembered: ReadonlySet<string>,
  isOnItsWay: (sequence: number) => boolean,
): Sweep {
  return {
    now: () => options.clock.wallTime(),
    remembered,
    isOnItsWay,
    lost: (copy, devices) => tellLost(options, stored, copy, devices),
  };
}

/** Tells that nobody took a copy in its time. @param devices - that wait for it */
export function tellLost(
  options: MailDrainOptions,
  { account, mailbox }: StoredMailbox,
  { sequence, message }: FoundCopy,
  devices: readonly string[],
): Promise<void> {
  const kind = isCleared(mailbox, sequence) ? 'cleared' : 'expired';
  options.drained(kind);
  return tell(options, account, message.request, { kind, devices });
}

/** Tells what became of a message. */
export async function tell(
  { hooks }: DeliveryMeans,
  account: string,
  bytes: Uint8Array,
  fate: MessageFate,
): Promise<void> {
  const request = requestIn(bytes);
  if (request !== undefined) await hooks.became(account, request, fate);
}
