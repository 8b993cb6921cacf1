import type { ByteRange } from './byte-range.ts';
import type { HeaderField } from './header-field.ts';
import type { Path } from './path.ts';
import type { Status } from './status.ts';

/** Flag of an end-line: `$` ends the message, `+` only the chunk, `#` abandons the message. @spec RFC 4975 §7.1 */
export type ContinuationFlag = '$' | '+' | '#';

/** Start line and header fields of a request. It has a body exactly when it has a Content-Type. */
export interface MsrpRequestHead {
  readonly transactionId: string;
  /** `SEND`, `REPORT`, `AUTH`, `NICKNAME`, or one that gets 501. */
  readonly method: string;
  readonly toPath: Path;
  readonly fromPath: Path;
  readonly messageId: string | undefined;
  /** Absent means `no`. */
  readonly successReport: 'yes' | 'no' | undefined;
  /** Absent means `yes`. */
  readonly failureReport: 'yes' | 'no' | 'partial' | undefined;
  readonly byteRange: ByteRange | undefined;
  readonly status: Status | undefined;
  /** Media type with parameters, as it came. */
  readonly contentType: string | undefined;
  /** All others in their order: extensions, and the MIME fields besides Content-Type. */
  readonly fields: readonly HeaderField[];
}

/** What must be known of a request to answer it, even one that cannot be read in full. */
export type Answerable = Pick<MsrpRequestHead, 'transactionId' | 'method' | 'toPath' | 'fromPath' | 'failureReport'>;
