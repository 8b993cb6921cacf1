import type { edge } from '@parley/contracts';
import { timestamp } from './time.ts';

/** A user as the API shows it; what is not known is an empty string. */
export interface UserView {
  readonly name: string;
  readonly displayName: string;
  readonly tel: string;
  readonly bindings: readonly {
    readonly contact: string;
    readonly instance: string;
    readonly expires: string;
    readonly transport: string;
  }[];
}

/** What waits for the devices of a user that are away; `oldest` is null when nothing does. */
export interface MailboxView {
  readonly waiting: number;
  readonly octets: number;
  readonly oldest: string | null;
}

/** Shows an account. */
export function userView({ name, displayName, tel, bindings }: edge.Account): UserView {
  const shown = bindings.map(({ contact, instance, expiresAt, transport }) => ({
    contact,
    instance,
    expires: timestamp(expiresAt),
    transport,
  }));
  return { name, displayName, tel, bindings: shown };
}

/** Shows what waits in the mailbox of an account. */
export function mailboxView({ mail }: edge.Account): MailboxView {
  const { copies = 0, octets = 0, oldestAt = 0 } = mail ?? {};
  return { waiting: copies, octets, oldest: oldestAt === 0 ? null : timestamp(oldestAt) };
}
