import type { ActorContext, ActorKind, Ownership } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import type { ShardCommand } from '@parley/bus';
import type { edge } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import type { EdgeEvents } from '../events.ts';
import { pauseAfter } from '../mailbox/fate.ts';
import { cursorOf, registered, stored, taken } from '../mailbox/mailbox.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import { MailEnds } from '../mailbox/mail-ends.ts';
import { byDevice } from '../mailbox/plan-delivery.ts';
import { StoredAmendments } from './stored-amendments.ts';
import type { StoredAmendmentsOptions } from './stored-amendments.ts';
import { MailDrain } from './mail-drain.ts';
import type { DrainEnd } from './mail-drain.ts';
import { sweepOf } from './mail-fates.ts';
import type { MailDrainOptions } from './mail-fates.ts';
import { StoredMailbox } from './stored-mailbox.ts';
import type { StoredMailboxOptions } from './stored-mailbox.ts';

type Command = ShardCommand<edge.MailboxNews>;

/** What the actor tells itself. */
type Step =
  | { readonly kind: 'drained'; readonly device: string; readonly end: Result<DrainEnd, unknown> }
  | { readonly kind: 'again'; readonly device: string }
  | { readonly kind: 'anew' }
  | { readonly kind: 'write' }
  | { readonly kind: 'end' }
  | { readonly kind: 'written'; readonly end: Result<void, unknown> };

/** What the actors are built from. */
export interface AddressOfRecordOptions extends MailDrainOptions, StoredMailboxOptions, StoredAmendmentsOptions {
  readonly events: EdgeEvents;
}

interface MailboxState {
  stored: StoredMailbox;
  amendments: StoredAmendments;
  readonly drains: Map<string, MailDrain>;
  /** The right to act, as it came with the last news. */
  ownership: Ownership | undefined;
  isWriteArmed: boolean;
  /** Devices that registered while the store was away. */
  readonly unseen: Set<string>;
  /** Copies that end while this mailbox is in memory. */
  ends: MailEnds;
  /** How often in succession the store did not do, and whether a timer will try it again. */
  failures: number;
  isRetrying: boolean;
}

type Context = ActorContext<MailboxState, Command | Step, edge.MailboxNoted>;

/** Milliseconds without news after which a mailbox leaves memory; its bucket keeps it. */
const idleAfter = 60_000;
/** Milliseconds by which a change of mere counts may be written late, so that a burst is few writes. */
const lazily = 1_000;
/** Milliseconds for which an answer is waited for when the mailbox is handed over. */
const handOverPatience = 1_500;

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
): ActorKind<MailboxState, Command | Step, edge.MailboxNoted> {
  return {
    name: 'address-of-record',
    idleAfter,
    load: (account) => ({
      ...emptyState(options, account),
      drains: new Map(),
      ownership: undefined,
      isWriteArmed: false,
      unseen: new Set(),
      failures: 0,
      isRetrying: false,
    }),
    receive: async (context, message) => {
      if ('question' in message) await takeNews(context, message, options);
      else if (message.kind === 'anew') await beginAgain(context, options);
      else takeStep(context, message, options);
    },
    stopping: ({ state }) => handOver(state, options),
  };
}

function emptyState(
  options: AddressOfRecordOptions,
  account: string,
): Pick<MailboxState, 'stored' | 'amendments' | 'ends'> {
  const mail = new StoredMailbox(options, account);
  return { stored: mail, amendments: new StoredAmendments(options, mail), ends: new MailEnds() };
}

/** What is on its way is waited for, so that the next owner does not send it again. */
async function handOver({ stored: mail, drains }: MailboxState, { clock }: AddressOfRecordOptions): Promise<void> {
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
  await mail.handOver();
}

async function takeNews(context: Context, command: Command, options: AddressOfRecordOptions): Promise<void> {
  const { state, identity } = context;
  const { question, ownership } = command;
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
  const amended = question.amend === undefined ? {} : await amend(context, question.amend, remembered, options);
  if (amended === undefined) return;
  context.reply(amended);
  if (question.stored.length > 0) {
    state.ends.note(question.stored, options.clock.wallTime() + idleAfter);
    armEnd(context, options);
  }
  if (state.stored.mailbox !== before) armWrite(context, isSameWaiting(before, state.stored.mailbox) ? lazily : 0);
  const live = byDevice(options.bindings.live(identity)).keys();
  for (const device of new Set([...remembered, ...live])) {
    const hasTaken = question.taken.some(({ devices }) => devices.includes(device));
    look(context, device, { hasRegistered: comers.includes(device), hasTaken, isUncertain }, options);
  }
  const { depth } = state.stored.mailbox;
  if (depth > 0 && question.stored.length + question.registered.length + question.taken.length === 0) {
    const swept = state.stored.sweep(sweepOf(options, identity, remembered));
    context.whenSettled(swept, (end) => ({ kind: 'written', end }));
  }
}

/** Replaces or recalls copies; undefined when the store failed, so that nobody knows what it has. */
async function amend(
  context: Context,
  wish: edge.AmendCopies,
  remembered: ReadonlySet<string>,
  options: AddressOfRecordOptions,
): Promise<edge.MailboxNoted | undefined> {
  const { state } = context;
  const isSending = (device: string, sequence: number): boolean =>
    state.drains.get(device)?.isSending(sequence) === true;
  try {
    return { amended: await state.amendments.amend(wish, { remembered, isSending }) };
  } catch (error) {
    stuck(context, error, options);
    return undefined;
  }
}

/** The account is gone. What else the news tell of is of its successor, which may have been made in the meantime. */
function beginAnew(state: MailboxState, account: string, options: AddressOfRecordOptions): void {
  for (const drain of state.drains.values()) drain.closed = true;
  state.drains.clear();
  Object.assign(state, emptyState(options, account));
}

/** Looks at everything once more. */
async function beginAgain(context: Context, options: AddressOfRecordOptions): Promise<void> {
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

function armWrite(context: Context, delay: number): void {
  if (context.state.isWriteArmed && delay > 0) return;
  context.state.isWriteArmed = true;
  context.arm('write', delay, { kind: 'write' });
}

function armEnd(context: Context, { clock }: AddressOfRecordOptions): void {
  const { first } = context.state.ends;
  if (first !== Infinity) context.arm('end', Math.max(0, first - clock.wallTime()), { kind: 'end' });
}

/** The time of copies is over: their senders hear of it. One that is on its way is left to how that goes. */
function endMail(context: Context, options: AddressOfRecordOptions): void {
  const { state, identity } = context;
  const isSending = (sequence: number): boolean =>
    [...state.drains.values()].some((drain) => drain.running && drain.isSending(sequence));
  const over = state.ends.take(options.clock.wallTime()).filter((sequence) => !isSending(sequence));
  armEnd(context, options);
  if (over.length === 0 || state.ownership?.isValid() !== true) return;
  const plan = sweepOf(options, identity, new Set(options.devices.remembered(identity)));
  context.whenSettled(state.stored.end(over, plan), (end) => ({ kind: 'written', end }));
}

/** Why a device is looked at. */
interface Occasion {
  readonly hasRegistered: boolean;
  /** It took a copy out of turn: perhaps the one that it was left alone for. */
  readonly hasTaken: boolean;
  /** Whether the records may not tell that mail waits for it. */
  readonly isUncertain: boolean;
}

/** A device may have mail: drains it unless that is done already. */
function look(context: Context, device: string, occasion: Occasion, options: AddressOfRecordOptions): void {
  const { hasRegistered, hasTaken, isUncertain } = occasion;
  const { state } = context;
  const known = state.drains.get(device);
  const drain = known ?? new MailDrain(options, state.stored, device);
  if (known === undefined) state.drains.set(device, drain);
  if (hasRegistered) drain.hurry();
  else drain.poke();
  const mayHaveMail = hasRegistered || isUncertain || cursorOf(state.stored.mailbox, device).waiting;
  if (drain.running || !mayHaveMail) return;
  if (drain.isPausing && !hasRegistered && !hasTaken) return;
  run(context, device, drain);
}

function run(context: Context, device: string, drain: MailDrain): void {
  context.disarm(`again ${device}`);
  drain.isPausing = false;
  context.whenSettled(drain.run(), (end) => ({ kind: 'drained', device, end }));
}

function takeStep(context: Context, step: Exclude<Step, { kind: 'anew' }>, options: AddressOfRecordOptions): void {
  const { state } = context;
  switch (step.kind) {
    case 'again':
    case 'drained': {
      const drain = state.drains.get(step.device);
      if (drain === undefined || drain.running) return;
      if (step.kind === 'again') run(context, step.device, drain);
      else ended(context, step.device, drain, step.end, options);
      return;
    }
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

function ended(
  context: Context,
  device: string,
  drain: MailDrain,
  end: Result<DrainEnd, unknown>,
  options: AddressOfRecordOptions,
): void {
  const { state } = context;
  if (end.ok) state.failures = 0;
  else recover(context, end.error, options);
  if (end.ok && end.value.kind !== 'later') return;
  const delay = end.ok && end.value.kind === 'later' ? end.value.delay : pauseAfter(Math.max(1, state.failures));
  drain.isPausing = true;
  context.arm(`again ${device}`, delay, { kind: 'again', device });
}

/** The store did not do, or did not say: the bucket is the truth. */
function recover(context: Context, error: unknown, options: AddressOfRecordOptions): void {
  const { state, identity } = context;
  if (state.ownership?.isValid() !== true) {
    context.sleep();
    return;
  }
  options.events.mailboxStuck(identity, error);
  if (error instanceof OwnershipLost) state.stored.startAgain();
  retry(context);
}

/** What is in memory is not to be trusted. */
function stuck(context: Context, error: unknown, { events }: AddressOfRecordOptions): void {
  events.mailboxStuck(context.identity, error);
  context.state.stored.startAgain();
  retry(context);
}

/** Looks again after a pause that grows; where the right to act is lost, the next owner will. */
function retry(context: Context): void {
  const { state } = context;
  if (state.isRetrying || state.ownership?.isValid() !== true) return;
  state.isRetrying = true;
  context.arm('anew', pauseAfter(++state.failures), { kind: 'anew' });
}
