import { OwnershipLost } from '@parley/bus';
import { pauseAfter } from '../../mailbox/fate.ts';
import type { AddressOfRecordOptions, MailboxContext } from './mailbox-state.ts';

/** The store did not do, or did not say: the bucket is the truth. */
export function recover(context: MailboxContext, error: unknown, options: AddressOfRecordOptions): void {
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
export function stuck(context: MailboxContext, error: unknown, { events }: AddressOfRecordOptions): void {
  events.mailboxStuck(context.identity, error);
  context.state.stored.startAgain();
  retry(context);
}

/** Looks again after a pause that grows; where the right to act is lost, the next owner will. */
function retry(context: MailboxContext): void {
  const { state } = context;
  if (state.isRetrying || state.ownership?.isValid() !== true) return;
  state.isRetrying = true;
  context.arm('anew', pauseAfter(++state.failures), { kind: 'anew' });
}
