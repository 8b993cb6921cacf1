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
  /** What waits for devices that are away. */
  readonly mail: { readonly waiting: number; readonly octets: number; readonly oldest: string };
}

/** Shows an account. */
export function userView({ name, displayName, tel, bindings, mail }: edge.Account): UserView {
  const shown = bindings.map(({ contact, instance, expiresAt, transport }) => ({
    contact,
    instance,
    expires: timestamp(expiresAt),
    transport,
  }));
  const { copies = 0, octets = 0, oldestAt = 0 } = mail ?? {};
  const waiting = { waiting: copies, octets, oldest: oldestAt === 0 ? '' : timestamp(oldestAt) };
  return { name, displayName, tel, bindings: shown, mail: waiting };
}
