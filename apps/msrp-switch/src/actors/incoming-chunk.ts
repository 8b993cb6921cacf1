import type { MsrpRequestHead } from '@parley/msrp';
import type { Session } from '../hub/session.ts';
import type { Outlet } from '../hub/outlet.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import type { Stretch } from '../message/stretch.ts';

/** A SEND request whose body comes in. */
export interface IncomingChunk {
  readonly request: MsrpRequestHead;
  /** Where its answer goes. */
  readonly outlet: Outlet;
  readonly session: Session;
  readonly message: IncomingMessage;
  /** Position in the message of its first octet. */
  readonly start: number;
  /** What came of it and is not forwarded. */
  stretch: Stretch;
  received: number;
  /** The code that it was refused with. */
  refusedWith: number | undefined;
}
