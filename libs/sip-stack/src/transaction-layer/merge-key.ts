import { field, read, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';

/**
 * What two copies of one request that came by different ways share.
 *
 * @returns undefined for a request inside a dialog, which cannot be merged
 * @spec RFC 3261 §8.2.2.2
 */
export function mergeKeyOf(request: SipRequest): string | undefined {
  const to = read(request, field.to);
  if (!to.ok || to.value?.tag !== undefined) return undefined;
  const from = read(request, field.from);
  const tag = (from.ok ? from.value?.tag : undefined) ?? '';
  return `${readRaw(request, 'Call-ID') ?? ''}\n${readRaw(request, 'CSeq') ?? ''}\n${tag}`;
}
