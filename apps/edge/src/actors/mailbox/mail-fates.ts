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
  stored: StoredMailbox,
  copy: FoundCopy,
  devices: readonly string[],
): Promise<void> {
  const kind = isCleared(stored.mailbox, copy.sequence) ? 'cleared' : 'expired';
  return tellOnce(options, stored, copy, { kind, devices });
}

/** Tells what became of a copy in the end, unless that was told: several drains and a sweep may come upon it at the same time. */
export function tellOnce(
  { hooks, drained }: MailDrainOptions,
  stored: StoredMailbox,
  { sequence, message }: FoundCopy,
  fate: MessageFate,
): Promise<void> {
  return stored.once(sequence, async () => {
    if (fate.kind === 'expired' || fate.kind === 'cleared') drained(fate.kind);
    const request = requestIn(message.request);
    if (request !== undefined) await hooks.became(stored.account, request, fate);
  });
}
