import type { RawField } from '@parley/sip';

/** An answer that is clear from the request alone. */
export interface Rejection {
  readonly status: number;
  /** By default the phrase of the status. */
  readonly phrase?: string;
  readonly fields?: readonly RawField[];
}
