import type { ActorContext, ActorKind, Ownership } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import type { ShardCommand } from '@parley/bus';
import type { edge } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import type { EdgeEvents } from '../events.ts';
import { cursorOf, registered, stored, taken } from '../mailbox/mailbox.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
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
  | { readonly kind: 'write' }
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
}

type Context = ActorContext<MailboxState, Command | Step, edge.MailboxNoted>;

/** Milliseconds without news after which a mailbox leaves memory; its bucket keeps it. */
const idleAfter = 60_000;
/** Milliseconds by which a change of mere counts may be written late, so that a burst is few writes. */
const lazily = 1_000;
/** Milliseconds for which an answer is waited for when the mailbox is handed over. */
const handOverPatience = 1_500;
/** Milliseconds before the store is tried again. */
const storePause = 1_000;

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
    }),
    receive: async (context, message) => {
      if ('question' in message) await takeNews(context, message, options);
      else takeStep(context, message, options);
    },
    stopping: ({ state }) => handOver(state, options),
  };
}

function emptyState(options: AddressOfRecordOptions, account: string): Pick<MailboxState, 'stored' | 'amendments'> {
  const mail = new StoredMailbox(options, account);
  return { stored: mail, amendments: new StoredAmendments(options, mail) };
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
  if (question.removed) beginAnew(state, identity, options);
  try {
    await state.stored.takeOver(ownership);
  } catch (error) {
    options.events.mailboxStuck(identity, error);
    state.stored.startAgain();
    if (ownership.isValid()) context.arm('news', storePause, command);
    return;
  }
  state.ownership = ownership;
  const before = state.stored.mailbox;
  const remembered = new Set([...options.devices.remembered(identity), ...question.registered]);
  state.stored.mailbox = heard(question, before, remembered, options.clock.wallTime());
  const amended =
    question.amend === undefined ? {} : await amend(context, command, question.amend, remembered, options);
  if (amended === undefined) return;
  context.reply(amended);
  if (state.stored.mailbox !== before) armWrite(context, isSameWaiting(before, state.stored.mailbox) ? lazily : 0);
  for (const device of remembered) look(context, device, question.registered.includes(device), options);
  const { depth } = state.stored.mailbox;
  if (depth > 0 && question.stored.length + question.registered.length + question.taken.length === 0) {
    const swept = state.stored.sweep(sweepOf(options, identity, remembered));
    context.whenSettled(swept, (end) => ({ kind: 'written', end }));
  }
}

/** Replaces or recalls copies; undefined when the store failed, so that nobody knows what it has. */
async function amend(
  context: Context,
  { ownership }: Command,
  wish: edge.AmendCopies,
  remembered: ReadonlySet<string>,
  { events }: AddressOfRecordOptions,
): Promise<edge.MailboxNoted | undefined> {
  const { state, identity } = context;
  const isSending = (device: string, sequence: number): boolean =>
    state.drains.get(device)?.isSending(sequence) === true;
  try {
    return { amended: await state.amendments.amend(wish, { remembered, isSending }) };
  } catch (error) {
    events.mailboxStuck(identity, error);
    state.stored.startAgain();
    if (ownership.isValid())
      context.arm('news', storePause, { question: noNews(identity), ownership, deadline: 0, trace: undefined });
    return undefined;
  }
}

/** The account is gone. What else the news tell of is of its successor, which may have been made in the meantime. */
function beginAnew(state: MailboxState, account: string, options: AddressOfRecordOptions): void {
  for (const drain of state.drains.values()) drain.closed = true;
  state.drains.clear();
  Object.assign(state, emptyState(options, account));
}

/** The mailbox after the news. */
function heard(news: edge.MailboxNews, mailbox: Mailbox, remembered: ReadonlySet<string>, now: number): Mailbox {
  let next = registered(mailbox, news.registered, remembered);
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

/** A device may have mail: drains it unless that is done already. */
function look(context: Context, device: string, hasRegistered: boolean, options: AddressOfRecordOptions): void {
  const { state } = context;
  const known = state.drains.get(device);
  const drain = known ?? new MailDrain(options, state.stored, device);
  if (known === undefined) state.drains.set(device, drain);
  if (hasRegistered) drain.hurry();
  else drain.poke();
  if (drain.running || (!hasRegistered && !cursorOf(state.stored.mailbox, device).waiting)) return;
  if (!hasRegistered && drain.isPausing) return;
  run(context, device, drain);
}

function run(context: Context, device: string, drain: MailDrain): void {
  context.disarm(`again ${device}`);
  drain.isPausing = false;
  context.whenSettled(drain.run(), (end) => ({ kind: 'drained', device, end }));
}

function takeStep(context: Context, step: Step, options: AddressOfRecordOptions): void {
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
    case 'written':
      if (!step.end.ok) recover(context, step.end.error, options);
      else if (state.stored.isDirty) armWrite(context, lazily);
  }
}

function ended(
  context: Context,
  device: string,
  drain: MailDrain,
  end: Result<DrainEnd, unknown>,
  options: AddressOfRecordOptions,
): void {
  if (!end.ok) recover(context, end.error, options);
  else if (end.value.kind !== 'later') return;
  const delay = end.ok && end.value.kind === 'later' ? end.value.delay : storePause;
  drain.isPausing = true;
  context.arm(`again ${device}`, delay, { kind: 'again', device });
}

/** The store did not do, or did not say: the bucket is the truth. */
function recover(context: Context, error: unknown, { events }: AddressOfRecordOptions): void {
  const { state, identity } = context;
  const { ownership } = state;
  if (ownership?.isValid() !== true) {
    context.sleep();
    return;
  }
  events.mailboxStuck(identity, error);
  if (error instanceof OwnershipLost) state.stored.startAgain();
  const command: Command = { question: noNews(identity), ownership, deadline: 0, trace: undefined };
  context.arm('news', storePause, command);
}
