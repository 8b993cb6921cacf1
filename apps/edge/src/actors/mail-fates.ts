import type { Clock } from '@parley/prelude';
import type { BindingBook } from '../location/binding-book.ts';
import type { DeviceBook } from '../location/device-book.ts';
import type { MessageFate } from '../mailbox/delivery-hooks.ts';
import { requestIn } from './delivery-attempt.ts';
import type { DeliveryMeans } from './delivery-attempt.ts';
import type { Sweep } from './mailbox-sweeper.ts';
import type { FoundCopy } from './stored-mailbox.ts';

/** What became of a stored copy for one device. */
export type DrainOutcome = 'delivered' | 'refused' | 'expired' | 'retried';

/** What a drain is built from. */
export interface MailDrainOptions extends DeliveryMeans {
  readonly clock: Clock;
  /** When an account was made, as far as this edge knows; 0: there is none. */
  readonly accountSince: (account: string) => number;
  readonly bindings: Pick<BindingBook, 'live'>;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly drained: (outcome: DrainOutcome) => void;
}

/** A sweep of a mailbox by its owner. */
export function sweepOf(options: MailDrainOptions, account: string, remembered: ReadonlySet<string>): Sweep {
  return {
    now: () => options.clock.wallTime(),
    remembered,
    expired: (copy, devices) => tellExpired(options, account, copy, devices),
  };
}

/** Tells that nobody took a copy in its time. @param devices - that wait for it */
export function tellExpired(
  options: MailDrainOptions,
  account: string,
  { message }: FoundCopy,
  devices: readonly string[],
): Promise<void> {
  options.drained('expired');
  return tell(options, account, message.request, { kind: 'expired', devices });
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
