import { peerViolation } from '@parley/prelude';
import type { PeerViolation } from '@parley/prelude';
import type { ByteRange } from './byte-range.ts';
import { fieldValue } from './header-field.ts';
import type { MsrpRequestHead } from './request-head.ts';

/** What this endpoint takes. */
export interface RequestRules {
  /** Methods understood besides SEND and REPORT, e.g. `NICKNAME`. */
  readonly methods: readonly string[];
  /** Octets of a message (`a=max-size`). */
  readonly messageBytes: number;
  /** Whether a media type, as Content-Type has it, can be taken. */
  readonly accepts: (contentType: string) => boolean;
}

/**
 * Whether a well-formed request is also a lawful one for an endpoint, before its body is looked at. Whether its
 * session exists is asked of the session table. A REPORT is never answered, whatever is wrong with it.
 *
 * @returns what to answer, or undefined when nothing is wrong
 */
export function checkRequest(request: MsrpRequestHead, rules: RequestRules): PeerViolation | undefined {
  const { method } = request;
  if (method !== 'SEND' && method !== 'REPORT' && !rules.methods.includes(method)) {
    return peerViolation(501, 'RFC 4975 §12', 'expected a method this node understands');
  }
  if (request.toPath.rest.length > 0) {
    return peerViolation(481, 'RFC 4975 §7.3', 'expected this node as the only URI of To-Path');
  }
  return checkRange(request.byteRange, rules) ?? checkMethod(request, rules);
}

function checkMethod(request: MsrpRequestHead, rules: RequestRules): PeerViolation | undefined {
  if (request.method === 'SEND') return checkSend(request, rules);
  const asksReports = request.successReport !== undefined || request.failureReport !== undefined;
  if (request.method === 'NICKNAME' && asksReports) {
    return peerViolation(400, 'RFC 7701 §7.1', 'expected no Success-Report or Failure-Report in NICKNAME');
  }
  if (request.method !== 'REPORT') return undefined;
  if (asksReports) return peerViolation(400, 'RFC 4975 §7.1.2', 'expected no report requested in REPORT');
  if (request.status === undefined) return peerViolation(400, 'RFC 4975 §7.1.2', 'expected a Status in REPORT');
  if (request.messageId === undefined) return peerViolation(400, 'RFC 4975 §7.1.2', 'expected a Message-ID in REPORT');
  return undefined;
}

function checkSend(request: MsrpRequestHead, rules: RequestRules): PeerViolation | undefined {
  if (request.messageId === undefined) return peerViolation(400, 'RFC 4975 §7.1.1', 'expected a Message-ID in SEND');
  if (request.contentType === undefined) return undefined;
  if (fieldValue(request.fields, 'Content-Transfer-Encoding') !== undefined) {
    return peerViolation(400, 'RFC 4975 §7.1.1', 'expected no transfer encoding');
  }
  if (!rules.accepts(request.contentType)) {
    return peerViolation(415, 'RFC 4975 §7.3.1', 'expected a media type that was offered');
  }
  return undefined;
}

function checkRange(range: ByteRange | undefined, rules: RequestRules): PeerViolation | undefined {
  if (range === undefined) return undefined;
  const { start, end, total } = range;
  const last = end === '*' ? start - 1 : end;
  if (start < 1 || last < start - 1 || (total !== '*' && last > total)) {
    return peerViolation(400, 'RFC 4975 §7.1.1', 'expected 1 <= start <= end + 1 <= total + 1');
  }
  if (last > rules.messageBytes || (total !== '*' && total > rules.messageBytes)) {
    return peerViolation(413, 'RFC 4975 §14.5', `expected a message of at most ${rules.messageBytes} octets`);
  }
  return undefined;
}
