import type { ByteRange } from './byte-range.ts';
import { noHeaderFields } from './header-field.ts';
import type { MsrpRequestHead } from './request-head.ts';
import { phraseOf } from './response-code.ts';
import { firstHop } from './path.ts';
import { lineOfText } from './utf8-text.ts';

/** What a REPORT tells. */
export interface ReportOn {
  /** Of the REPORT itself. */
  readonly transactionId: string;
  /** 200, or what went wrong. */
  readonly code: number;
  /** Octets reported on, with the range-end that was counted in the payload; always given for a failed chunk. */
  readonly byteRange: ByteRange | undefined;
  /** Text for people, by default the code's own phrase. */
  readonly comment?: string;
}

/**
 * The REPORT on a SEND request; it has no body and ends with "$".
 *
 * @spec RFC 4975 §7.1.3, §7.1.4
 */
export function reportOn(
  request: Pick<MsrpRequestHead, 'toPath' | 'fromPath' | 'messageId'>,
  report: ReportOn,
): MsrpRequestHead {
  const { transactionId, code, byteRange, comment } = report;
  return {
    transactionId,
    method: 'REPORT',
    toPath: request.fromPath,
    fromPath: firstHop(request.toPath),
    messageId: request.messageId,
    successReport: undefined,
    failureReport: undefined,
    byteRange,
    status: { namespace: '000', code, comment: lineOfText(comment ?? phraseOf(code)) },
    contentType: undefined,
    fields: noHeaderFields,
  };
}

/** Whether a success report is wanted. @spec RFC 4975 §7.1.3 */
export function wantsSuccessReport(request: Pick<MsrpRequestHead, 'successReport'>): boolean {
  return request.successReport === 'yes';
}

/** Whether a failure report may be sent. @spec RFC 4975 §7.1.4 */
export function allowsFailureReport(request: Pick<MsrpRequestHead, 'failureReport'>): boolean {
  return request.failureReport !== 'no';
}
