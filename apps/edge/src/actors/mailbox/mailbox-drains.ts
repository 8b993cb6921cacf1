import type { Result } from '@parley/prelude';
import { pauseAfter } from '../../mailbox/fate.ts';
import { cursorOf, hasTaken } from '../../mailbox/mailbox.ts';
import { MailDrain } from './mail-drain.ts';
import type { Attempts, DrainEnd } from './mail-drain.ts';
import { recover } from './mailbox-recovery.ts';
import type { AddressOfRecordOptions, MailboxContext, MailboxState } from './mailbox-state.ts';

/** Why a device is looked at. */
export interface Occasion {
  readonly hasRegistered: boolean;
  /** What it was left alone for may be gone: it took a copy out of turn, or the mailbox was cleared. */
  readonly isFreed: boolean;
  /** Whether the records may not tell that mail waits for it. */
  readonly isUncertain: boolean;
}

/** A device may have mail: drains it unless that is done already. */
export function look(
  context: MailboxContext,
  device: string,
  { hasRegistered, isFreed, isUncertain }: Occasion,
  options: AddressOfRecordOptions,
): void {
  const { state } = context;
  const known = state.drains.get(device);
  const drain = known ?? new MailDrain(options, state.stored, device, attemptsOf(state));
  if (known === undefined) state.drains.set(device, drain);
  drain.poke();
  const isHurried = hasRegistered && drain.hurry();
  const mayHaveMail = hasRegistered || isUncertain || cursorOf(state.stored.mailbox, device).waiting;
  if (drain.running || !mayHaveMail) return;
  if (drain.isPausing && !isHurried && !isFreed) return;
  run(context, device, drain);
}

/** The pause of a drain is over. */
export function lookAgain(context: MailboxContext, device: string): void {
  const drain = context.state.drains.get(device);
  if (drain !== undefined && !drain.running) run(context, device, drain);
}

function run(context: MailboxContext, device: string, drain: MailDrain): void {
  context.disarm(`again ${device}`);
  drain.isPausing = false;
  context.whenSettled(drain.run(), (end) => ({ kind: 'drained', device, end }));
}

/** A drain has stopped: for now, or until something happens. */
export function drained(
  context: MailboxContext,
  device: string,
  end: Result<DrainEnd, unknown>,
  options: AddressOfRecordOptions,
): void {
  const { state } = context;
  const drain = state.drains.get(device);
  if (drain === undefined || drain.running) return;
  if (end.ok) state.failures = 0;
  else recover(context, end.error, options);
  if (end.ok && end.value.kind !== 'later') return;
  const delay = end.ok && end.value.kind === 'later' ? end.value.delay : pauseAfter(Math.max(1, state.failures));
  drain.isPausing = true;
  context.arm(`again ${device}`, delay, { kind: 'again', device });
}

/** Whether a copy is on its way to a device that has not taken it: what becomes of it, that attempt decides. */
export function isOnItsWay({ drains, stored }: MailboxState, sequence: number): boolean {
  for (const [device, drain] of drains) {
    if (drain.running && drain.own.isSending(sequence) && !hasTaken(stored.mailbox, device, sequence)) return true;
  }
  return false;
}

function attemptsOf(state: MailboxState): Attempts {
  return {
    isOnItsWay: (sequence) => isOnItsWay(state, sequence),
    isTried: (sequence) => [...state.drains.values()].some((drain) => drain.own.isTrying(sequence)),
  };
}

/** Milliseconds for which an answer is waited for when the mailbox is handed over. */
const handOverPatience = 1_500;

/** What is on its way is waited for, so that the next owner does not send it again. */
export async function handOver({ stored, drains }: MailboxState, { clock }: AddressOfRecordOptions): Promise<void> {
  const running = [...drains.values()].filter((drain) => drain.running);
  for (const drain of drains.values()) drain.closed = true;
  if (running.length > 0) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const cancel = clock.after(handOverPatience, () => {
      resolve(undefined);
    });
    await Promise.race([promise, Promise.all(running.map(({ ended: end }) => end))]);
    cancel();
  }
  await stored.handOver();
}
