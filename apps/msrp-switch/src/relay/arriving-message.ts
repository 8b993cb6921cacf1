import type { media } from '@parley/contracts';
import type { ContinuationFlag, Reassembly, SharedHead } from '@parley/msrp';
import { emptyReassembly, isComplete, receiveChunk } from '@parley/msrp';
import type { Cancel } from '@parley/prelude';
import type { AnsweredMessage } from '../actors/answer-desk.ts';
import type { Audience } from '../hub/audience.ts';
import type { Session } from '../hub/session.ts';

/** Holes that a relayed message may have while its chunks come. */
const limits = { messageBytes: Infinity, spans: 64 };

/** A message that another switch passes on, and those here who hear it. */
export class ArrivingMessage implements Audience, AnsweredMessage {
  readonly begun: media.MessageBegun;
  recipients: readonly Session[];
  readonly beyond = [];
  readonly transactionIds: string[] = [];
  /** The chunk reception timer. */
  timer: Cancel | undefined;
  private arrived: Reassembly = emptyReassembly;
  private reached = 0;

  constructor(begun: media.MessageBegun, recipients: readonly Session[]) {
    this.begun = begun;
    this.recipients = recipients;
  }

  excuse(recipient: Session): void {
    this.recipients = this.recipients.filter((other) => other !== recipient);
  }

  /** Notes a chunk; returns whether nothing of the message is missing any more. */
  note({ start, total, body }: media.MediaChunk, flag: ContinuationFlag): boolean {
    this.reached = Math.max(this.reached, start + body.length - 1);
    if (start === 1 && flag === '$') return true;
    const chunk = { start, length: body.length, total: total === 0 ? ('*' as const) : total, flag };
    const arrived = receiveChunk(this.arrived, chunk, limits);
    if (!arrived.ok) return true; // its own switch has refused the rest
    this.arrived = arrived.value;
    return isComplete(arrived.value);
  }

  /** Head of the copies of a chunk. */
  head({ start, total, body }: media.MediaChunk): SharedHead {
    const byteRange = { start, end: start + body.length - 1, total: total === 0 ? ('*' as const) : total };
    return { ...this.shared(), byteRange };
  }

  /** Head of the word that the rest will not come. @spec RFC 4975 §7.1.1 ("#") */
  abandonedHead(): SharedHead {
    const byteRange = { start: this.reached + 1, end: this.reached, total: '*' as const };
    return { ...this.shared(), successReport: undefined, failureReport: 'no', byteRange };
  }

  private shared(): SharedHead {
    const { messageId, successReport, failureReport, contentType, fields } = this.begun;
    return {
      method: 'SEND',
      messageId,
      successReport: successReport === 'yes' ? 'yes' : undefined,
      failureReport: failureReport === 'no' || failureReport === 'partial' ? failureReport : undefined,
      byteRange: undefined,
      status: undefined,
      contentType,
      fields,
    };
  }
}

/** The flag as it stands in a contract. */
export function flagOf(text: string): ContinuationFlag {
  return text === '$' || text === '#' ? text : '+';
}
