import type { RawField } from '@parley/sip';

/** Why a message to a list is not taken: a status, and words for its Warning. */
export interface ListRefusal {
  readonly status: number;
  readonly phrase?: string;
  readonly message: string;
  readonly fields?: readonly RawField[];
}
