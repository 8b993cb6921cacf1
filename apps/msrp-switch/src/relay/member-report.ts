import type { media } from '@parley/contracts';
import type { MsrpRequestHead, SharedHead } from '@parley/msrp';
import { noHeaderFields, phraseOf } from '@parley/msrp';

/** What a REPORT says, on its way to the switch of who said the private message. */
export function memberReport(
  { session, messageId }: media.MessageBegun,
  code: number,
  request?: Pick<MsrpRequestHead, 'status' | 'byteRange'>,
): media.MemberReport {
  const { start = 1, end = '*', total = '*' } = request?.byteRange ?? {};
  return {
    session,
    messageId,
    code,
    comment: request?.status?.comment,
    start,
    end: end === '*' ? 0 : end,
    total: total === '*' ? 0 : total,
  };
}

/** The REPORT again, behind its paths. @spec RFC 4975 §7.1.3 */
export function reportHead({ messageId, code, comment, start, end, total }: media.MemberReport): SharedHead {
  return {
    method: 'REPORT',
    messageId,
    successReport: undefined,
    failureReport: undefined,
    byteRange: { start, end: end === 0 ? '*' : end, total: total === 0 ? '*' : total },
    status: { namespace: '000', code, comment: comment ?? phraseOf(code) },
    contentType: undefined,
    fields: noHeaderFields,
  };
}
