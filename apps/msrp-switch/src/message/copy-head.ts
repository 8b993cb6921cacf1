import type { ByteRange, MsrpRequestHead, SharedHead } from '@parley/msrp';

/** What is the copies' own. */
export interface CopyParts {
  readonly messageId: string;
  readonly byteRange: ByteRange;
  /** Whether recipients are asked for the reports that the sender asked for. */
  readonly keepsReports: boolean;
}

/**
 * The head of the copies of a chunk. Copies to the room ask for no success reports, and for failures alone: what two
 * hundred recipients would otherwise answer 200 to is traffic that nobody reads.
 *
 * @spec draft-ietf-simple-chat-03 §6.2 (Success-Report of a private message is kept), RFC 7701 §6.3 (any report model)
 */
export function copyHead(
  { contentType, fields, successReport, failureReport }: MsrpRequestHead,
  { messageId, byteRange, keepsReports }: CopyParts,
): SharedHead {
  return {
    method: 'SEND',
    messageId,
    successReport: keepsReports ? successReport : undefined,
    failureReport: keepsReports ? failureReport : failureReport === 'no' ? 'no' : 'partial',
    byteRange,
    status: undefined,
    // A chunk without a body has none, its copies are framed with one.
    contentType: contentType ?? 'message/cpim',
    fields,
  };
}
