import type { ActorContext, Ownership } from '@parley/actor';
import type { ShardCommand } from '@parley/bus';
import type { edge } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import type { EdgeEvents } from '../../events.ts';
import { MailEnds } from '../../mailbox/mail-ends.ts';
import type { DrainEnd, MailDrain } from './mail-drain.ts';
import type { MailDrainOptions } from './mail-fates.ts';
import { StoredAmendments } from '../amendments/stored-amendments.ts';
import type { StoredAmendmentsOptions } from '../amendments/stored-amendments.ts';
import { StoredMailbox } from './stored-mailbox.ts';
import type { StoredMailboxOptions } from './stored-mailbox.ts';

/** What others tell the actor of a mailbox. */
export type MailboxCommand = ShardCommand<edge.MailboxNews>;

/** What it tells itself. */
export type MailboxStep =
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

/** What is of one account, and of no successor by its name. */
interface OfOneAccount {
  stored: StoredMailbox;
  amendments: StoredAmendments;
  /** Copies that end while this mailbox is in memory. */
  ends: MailEnds;
}

/** What the actor of a mailbox has in memory. */
export interface MailboxState extends OfOneAccount {
  readonly drains: Map<string, MailDrain>;
  /** The right to act, as it came with the last news. */
  ownership: Ownership | undefined;
  isWriteArmed: boolean;
  /** Devices that registered while the store was away. */
  readonly unseen: Set<string>;
  /** How often in succession the store did not do, and whether a timer will try it again. */
  failures: number;
  isRetrying: boolean;
}

/** The actor, as what it does sees it. */
export type MailboxContext = ActorContext<MailboxState, MailboxCommand | MailboxStep, edge.MailboxNoted>;

/** Before anything is known. */
export function freshState(options: AddressOfRecordOptions, account: string): MailboxState {
  return {
    ...ofOneAccount(options, account),
    drains: new Map(),
    ownership: undefined,
    isWriteArmed: false,
    unseen: new Set(),
    failures: 0,
    isRetrying: false,
  };
}

/** The account is gone. What else the news tell of is of its successor, which may have been made in the meantime. */
export function beginAnew(state: MailboxState, account: string, options: AddressOfRecordOptions): void {
  for (const drain of state.drains.values()) drain.closed = true;
  state.drains.clear();
  Object.assign(state, ofOneAccount(options, account));
}

function ofOneAccount(options: AddressOfRecordOptions, account: string): OfOneAccount {
  const stored = new StoredMailbox(options, account);
  return { stored, amendments: new StoredAmendments(options, stored), ends: new MailEnds() };
}
