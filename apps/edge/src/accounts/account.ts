import type { AccountSecrets } from '@parley/sip-stack';

/** What an operator made for a user. */
export interface Account {
  /** User part of its address, escapes undone. */
  readonly name: string;
  readonly displayName: string;
  /** Global number, or empty. */
  readonly tel: string;
  /** Undefined: nobody can log in by a password. */
  readonly secrets: AccountSecrets | undefined;
  /** Wall time in milliseconds. */
  readonly createdAt: number;
}
