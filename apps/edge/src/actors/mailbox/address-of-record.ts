import type { ActorKind } from '@parley/actor';
import type { edge } from '@parley/contracts';
import { cursorOf, registered, stored, taken } from '../../mailbox/mailbox.ts';
import type { Mailbox } from '../../mailbox/mailbox.ts';
import { byDevice } from '../../mailbox/plan-delivery.ts';
import { sweepOf } from './mail-fates.ts';
import { drained, handOver, isOnItsWay, look, lookAgain } from './mailbox-drains.ts';
import { recover, stuck } from './mailbox-recovery.ts';
import { beginAnew, freshState } from './mailbox-state.ts';
import type {
  AddressOfRecordOptions,
  MailboxCommand,
  MailboxContext,
  MailboxState,
  MailboxStep,
} from './mailbox-state.ts';

/** Milliseconds without news after which a mailbox leaves memory; its bucket keeps it. */
const idleAfter = 60_000;
/** Milliseconds by which a change of mere counts may be written late, so that a burst is few writes. */
const lazily = 1_000;

/** News that say nothing but: look. */
export function noNews(account: string): edge.MailboxNews {
  return { account, stored: [], registered: [], taken: [], removed: false };
}

/**
 * The actor that owns the order and the drain of one account's mailbox. Whatever it hears, it looks at every device that
 * may have mail and a live binding; so no order of a store and a REGISTER leaves mail lying.
 */
export function addressOfRecordKind(
  options: AddressOfRecordOptions,
): ActorKind<MailboxState, MailboxCommand | MailboxStep, edge.MailboxNoted> {
  return {
    name: 'address-of-record',
    idleAfter,
    load: (account) => freshState(options, account),
    receive: async (context, message) => {
      if ('question' in message) await takeNews(context, message, options);
      else if (message.kind === 'anew') await beginAgain(context, options);
      else takeStep(context, message, options);
    },
    stopping: ({ state }) => handOver(state, options),
  };
}

async function takeNews(
  context: MailboxContext,
  { question, ownership }: MailboxCommand,
  options: AddressOfRecordOptions,
): Promise<void> {
  const { state, identity } = context;
  // Whoever owns the mailbox by now has to hear it.
  if (!ownership.isValid()) return;
  state.ownership = ownership;
  if (question.removed) beginAnew(state, identity, options);
  for (const device of question.registered) state.unseen.add(device);
  let isUncertain;
  try {
    isUncertain = await state.stored.takeOver(ownership);
  } catch (error) {
    stuck(context, error, options);
    return;
  }
  if (!ownership.isValid()) return;
  const comers = [...state.unseen];
  state.unseen.clear();
  const before = state.stored.mailbox;
  const remembered = new Set([...options.devices.remembered(identity), ...comers]);
  state.stored.mailbox = heard(question, comers, before, remembered, options.clock.wallTime());
  const noted = await carryOut(context, question, remembered, options);
  if (noted === undefined) return;
  context.reply(noted);
  if (question.stored.length > 0) {
    state.ends.note(question.stored, options.clock.wallTime() + idleAfter);
    armEnd(context, options);
  }
  if (state.stored.mailbox !== before) armWrite(context, isSameWaiting(before, state.stored.mailbox) ? lazily : 0);
  const isCleared = question.clear === true;
  const live = byDevice(options.bindings.live(identity)).keys();
  for (const device of new Set([...remembered, ...live])) {
    const isFreed = isCleared || question.taken.some(({ devices }) => devices.includes(device));
    look(context, device, { hasRegistered: comers.includes(device), isFreed, isUncertain }, options);
  }
  const { depth } = state.stored.mailbox;
  const saysNothing = question.stored.length + question.registered.length + question.taken.length === 0;
  if (isCleared || (depth > 0 && saysNothing)) sweep(context, remembered, options);
}

/** Does what the news ask for; undefined when the store failed, so that nobody knows what it has. */
async function carryOut(
  context: MailboxContext,
  { amend, clear }: edge.MailboxNews,
  remembered: ReadonlySet<string>,
  options: AddressOfRecordOptions,
): Promise<edge.MailboxNoted | undefined> {
  const { stored: mail, amendments, drains } = context.state;
  const isSending = (device: string, sequence: number): boolean => drains.get(device)?.own.isSending(sequence) === true;
  try {
    if (clear === true) await mail.clear();
    const amended = amend && (await amendments.amend(amend, { remembered, isSending }));
    return { ...(amended !== undefined && { amended }), ...(clear !== undefined && { cleared: clear }) };
  } catch (error) {
    stuck(context, error, options);
    return undefined;
  }
}

function sweep(context: MailboxContext, remembered: ReadonlySet<string>, options: AddressOfRecordOptions): void {
  const { state } = context;
  const plan = sweepOf(options, state.stored, remembered, (sequence) => isOnItsWay(state, sequence));
  context.whenSettled(state.stored.sweep(plan), (end) => ({ kind: 'written', end }));
}

/** Looks at everything once more. */
async function beginAgain(context: MailboxContext, options: AddressOfRecordOptions): Promise<void> {
  const { state, identity } = context;
  state.isRetrying = false;
  if (state.ownership === undefined) return;
  const command = { question: noNews(identity), ownership: state.ownership, deadline: 0, trace: undefined };
  await takeNews(context, command, options);
}

/** The mailbox after the news. @param comers - devices that registered */
function heard(
  news: edge.MailboxNews,
  comers: readonly string[],
  mailbox: Mailbox,
  remembered: ReadonlySet<string>,
  now: number,
): Mailbox {
  let next = registered(mailbox, comers, remembered);
  for (const copy of news.stored) next = stored(next, copy, now);
  for (const { sequence, devices } of news.taken) {
    for (const device of devices) next = taken(next, device, sequence);
  }
  return next;
}

/** Others order new mail by who waits, so that this must not be written late. */
function isSameWaiting(before: Mailbox, after: Mailbox): boolean {
  return [...after.cursors].every(([device, { waiting }]) => cursorOf(before, device).waiting === waiting);
}

function armWrite(context: MailboxContext, delay: number): void {
  if (context.state.isWriteArmed && delay > 0) return;
  context.state.isWriteArmed = true;
  context.arm('write', delay, { kind: 'write' });
}

function armEnd(context: MailboxContext, { clock }: AddressOfRecordOptions): void {
  const { first } = context.state.ends;
  if (first !== Infinity) context.arm('end', Math.max(0, first - clock.wallTime()), { kind: 'end' });
}

/** The time of copies is over: their senders hear of it. One that is on its way is left to how that goes. */
function endMail(context: MailboxContext, options: AddressOfRecordOptions): void {
  const { state, identity } = context;
  const isSending = (sequence: number): boolean => isOnItsWay(state, sequence);
  const over = state.ends.take(options.clock.wallTime()).filter((sequence) => !isSending(sequence));
  armEnd(context, options);
  if (over.length === 0 || state.ownership?.isValid() !== true) return;
  const plan = sweepOf(options, state.stored, new Set(options.devices.remembered(identity)), isSending);
  context.whenSettled(state.stored.end(over, plan), (end) => ({ kind: 'written', end }));
}

function takeStep(
  context: MailboxContext,
  step: Exclude<MailboxStep, { kind: 'anew' }>,
  options: AddressOfRecordOptions,
): void {
  const { state } = context;
  switch (step.kind) {
    case 'again':
      lookAgain(context, step.device);
      return;
    case 'drained':
      drained(context, step.device, step.end, options);
      return;
    case 'write':
      state.isWriteArmed = false;
      context.whenSettled(state.stored.summarise(), (end) => ({ kind: 'written', end }));
      return;
    case 'end':
      endMail(context, options);
      return;
    case 'written':
      if (!step.end.ok) recover(context, step.end.error, options);
      else {
        state.failures = 0;
        if (state.stored.isDirty) armWrite(context, lazily);
      }
  }
}
