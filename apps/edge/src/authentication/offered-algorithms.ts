import { readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { readTopVia } from '@parley/sip-stack';

/** The better one first. @spec RFC 8760 §2.3 */
const both: readonly string[] = ['SHA-256', 'MD5'];
const md5Only: readonly string[] = ['MD5'];

/** User agents that give up at a challenge which they cannot answer, rather than ignore it. */
const stoppedBySha256: readonly RegExp[] = [
  /^baresip v(?:[0-2]\.|3\.(?:\d|1[01])\b)/i, // looks at all challenges; learned SHA-256 in 3.12
  /^sipsak /i, // looks at the first only; MD5 unless built with OpenSSL
  /^SIPp\b/i, // looks at the first only; learned SHA-256 in 3.7.2
];

/** Branches of SIPp and of sipsak, which send what their user wrote, rarely with a User-Agent. */
const branchesStoppedBySha256 = /^z9hG4bK(?:-\d+-\d+-\d+|\.[\da-f]{8})$/;

/**
 * Algorithms to challenge a request with.
 *
 * @deviation RFC 8760 §2.4 has clients ignore challenges that they do not understand; those known not to are offered MD5
 * alone. Who could forge User-Agent on the way could take SHA-256 out of the challenge as well, so nobody gains by it.
 */
export function offeredAlgorithms(request: SipRequest): readonly string[] {
  const agent = readRaw(request, 'User-Agent') ?? '';
  const isStopped =
    stoppedBySha256.some((pattern) => pattern.test(agent)) ||
    branchesStoppedBySha256.test(readTopVia(request)?.branch ?? '');
  return isStopped ? md5Only : both;
}
